package parts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/pintle-hub/pintle/sdk"
)

// The versions of the plugin program, for who replaces it while the hub runs. Each has a file of its own; see Stamp.
const (
	First    = 1 // what Program is
	Second   = 2 // another program that does the same
	Third    = 3 // saves its state in another form, and reads both
	Dead     = 4 // ends before it says anything
	Fragile  = 5 // says what it offers, and dies when a sink is opened
	Renamed  = 6 // has another name for a setting
	Forgetty = 7 // does not understand any saved state
)

// mark stands before the number of the version at the end of a program's file.
const mark = "\npintlechaos version "

// Stamp writes a copy of the program self to path, in one go, that is another version of it.
func Stamp(self, path string, version int) error {
	b, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	b = append(b, mark+strconv.Itoa(version)...)
	if err := os.WriteFile(path+".new", b, 0o755); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Version tells which version the file of this process is.
func Version() int {
	self, err := os.Executable()
	if err != nil {
		return First
	}
	f, err := os.Open(self)
	if err != nil {
		return First
	}
	defer f.Close()
	tail := make([]byte, len(mark)+1)
	if _, err := f.Seek(-int64(len(tail)), io.SeekEnd); err != nil {
		return First
	}
	if _, err := io.ReadFull(f, tail); err != nil || !bytes.HasPrefix(tail, []byte(mark)) {
		return First
	}
	return int(tail[len(mark)] - '0')
}

// ProgramOf is what a version of the program offers.
func ProgramOf(version int) sdk.Program {
	p := Program()
	p.Version = strconv.Itoa(version) + ".0.0"
	switch version {
	case Dead:
		os.Exit(3)
	case Fragile:
		for i := range p.Sinks {
			p.Sinks[i].Open = func(context.Context, []byte) (sdk.Sink, error) { os.Exit(3); return nil, nil }
		}
	case Renamed:
		p.Sources[0] = sdk.NewSource("offer", "Offers numbered events.", func(context.Context, renamed) (sdk.Source, error) {
			return nil, errors.New("nobody gets here")
		})
	}
	if version == Third || version == Forgetty {
		tally := sdk.NewAnalyzer("tally", "Counts events by key.", p.Analyzers[0].Adds,
			func(ctx context.Context, c tallyConfig) (sdk.Analyzer, error) {
				a, err := openTally(ctx, c)
				if err != nil {
					return nil, err
				}
				return &newer{tally: a.(*tally), forgets: version == Forgetty}, nil
			})
		tally.Stateful, tally.Emits = true, true
		p.Analyzers[0] = tally
	}
	return p
}

// renamed is the configuration of a source whose author has changed his mind.
type renamed struct {
	Ledger string `pintle:"ledger,required"`
	Name   string `pintle:"name,required"`
	Tempo  int    `pintle:"tempo"`
}

// newer is a tally that saves its state in another form.
type newer struct {
	*tally
	forgets bool
}

type newerState struct {
	Form   int            `json:"form"`
	Counts map[string]int `json:"counts"`
}

func (n *newer) Snapshot(context.Context) ([]byte, error) {
	return json.Marshal(newerState{Form: 3, Counts: n.counts})
}

func (n *newer) Restore(ctx context.Context, blob []byte) error {
	var s newerState
	switch err := json.Unmarshal(blob, &s); {
	case n.forgets:
		return errors.New("the state has a form that this version does not know")
	case err == nil && s.Form == 3 && s.Counts != nil:
		n.counts = s.Counts
		return nil
	}
	return n.tally.Restore(ctx, blob)
}
