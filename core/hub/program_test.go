package hub_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// The test binary is the plugins too: started with this argument and the name of a program it serves that.
const pluginArg = "__testplugin"

func TestMain(m *testing.M) {
	switch role := strings.Join(os.Args[1:min(3, len(os.Args))], " "); role {
	case pluginArg + " test":
		leave(wire.Serve(testProgram()))
	case pluginArg + " garbage":
		leave(serveGarbage())
	case pluginArg + " deaf":
		leave(serveDeaf())
	case natsArg:
		leave(serveNATS())
	}
	if os.Getenv(hubEnv) != "" {
		leave(hubProcess())
	}
	goleak.VerifyTestMain(m)
}

// leave ends a child of the tests. Unlike os.Exit it does not wait the second that the race detector takes at the end.
func leave(code int) { syscall.Exit(code) }

// bundled says how this binary, self, is started as a plugin.
func bundled(self string) func(string) (string, []string) {
	return func(program string) (string, []string) { return self, []string{pluginArg, program} }
}

// testProgram offers components whose every word can be checked: numbered events, a sum, a ledger.
func testProgram() sdk.Program {
	numbers := sdk.NewSource("numbers", "Emits numbered events.", func(_ context.Context, c numbersConfig) (sdk.Source, error) {
		if c.Count < 0 {
			return nil, sdk.Errorf(sdk.Invalid, "count must not be negative")
		}
		return numbers{c}, notePid("source")
	})
	numbers.Finite = true
	tally := sdk.NewAnalyzer("tally", "Counts events by key.", []sdk.Field{{Name: "n", Kind: sdk.Number}},
		func(_ context.Context, c tallyConfig) (sdk.Analyzer, error) {
			return &tally{config: c, counts: map[string]int{}}, notePid("analyzer")
		})
	tally.Stateful, tally.Emits = true, true
	trip := sdk.NewAnalyzer("trip", "Fails on chosen events.", []sdk.Field{{Name: "ok", Kind: sdk.Bool}},
		func(_ context.Context, c tripConfig) (sdk.Analyzer, error) {
			if c.Refuse {
				return nil, sdk.Errorf(sdk.Invalid, "trip refused to start")
			}
			return trip{c}, notePid("analyzer")
		})
	calls := sdk.NewSource("calls", "Is called, and calls nobody twice.", func(_ context.Context, c callsConfig) (sdk.Source, error) {
		return calls{c}, notePid("source")
	})
	calls.Finite, calls.Push = true, true
	ledger := sdk.NewSink("ledger", "Appends what it gets to a file.", sdk.NoKey,
		func(_ context.Context, c ledgerConfig) (sdk.Sink, error) { return openLedger(c) })
	return sdk.Program{Name: "test", Version: "1.2.3", Sources: []sdk.SourceSpec{numbers, calls}, Analyzers: []sdk.AnalyzerSpec{tally, trip},
		Sinks: []sdk.SinkSpec{ledger}}
}

type numbersConfig struct {
	Count  int           `pintle:"count"`
	Keys   int           `pintle:"keys" default:"7"`
	Prefix string        `pintle:"prefix"` // of ids and keys
	Hex    string        `pintle:"hex"`    // more of each event's text, in hexadecimal
	Chunk  int           `pintle:"chunk" default:"100"`
	Pause  time.Duration `pintle:"pause"`
	Bad    int           `pintle:"bad"`  // this number is rejected
	Gate   string        `pintle:"gate"` // a file with the number before which the source waits
	Die    []string      `pintle:"die"`  // files: with each that is not there yet it is made, and the process dies after a batch
}

type numbers struct{ numbersConfig }

func (n numbers) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	next, _ := strconv.Atoi(string(from))
	for next < n.Count {
		var events []sdk.Event
		end := min(next+n.Chunk, n.Count)
		if err := passGate(ctx, n.Gate, end); err != nil {
			return nil
		}
		for ; next < end; next++ {
			events = append(events, n.event(next))
		}
		if err := out.Send(ctx, sdk.Position(strconv.Itoa(next)), events...); err != nil {
			return err
		}
		dieOnce(n.Die)
		if n.Pause > 0 {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(n.Pause):
			}
		}
	}
	return nil
}

func (n numbers) event(i int) sdk.Event {
	id := fmt.Sprintf("%sn%07d", n.Prefix, i)
	if n.Bad > 0 && i == n.Bad {
		return sdk.Rejected(id, "numbers:"+strconv.Itoa(i), "a bad number", []byte("?"))
	}
	more, _ := hex.DecodeString(n.Hex)
	return sdk.Event{ID: id, Key: fmt.Sprintf("%sk%d", n.Prefix, i%n.Keys), Time: time.Unix(int64(1700000000+i), 0),
		Feedback: &sdk.Feedback{Text: "number " + strconv.Itoa(i) + string(more), Author: sdk.Author{ID: fmt.Sprintf("a%d", i%n.Keys)}}}
}

type tallyConfig struct {
	EmitEvery int      `pintle:"emit_every"`
	Strange   string   `pintle:"strange"` // while this file exists, it takes no state over
	Boast     []string `pintle:"boast"`   // ids that raise an insight with a title of boasting bytes
	Boasting  int      `pintle:"boasting"`
}

// tally adds to each event how many of its key came before: exact only if no event is seen twice or left out.
type tally struct {
	config tallyConfig
	counts map[string]int
}

func (t *tally) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		e := in.Event(i)
		t.counts[e.Key]++
		n := t.counts[e.Key]
		out.SetNumber(i, "n", float64(n))
		if t.config.EmitEvery > 0 && n%t.config.EmitEvery == 0 {
			out.Emit(sdk.Event{ID: fmt.Sprintf("in_%s_%d", e.Key, n), Key: e.Key, Time: e.Time,
				Insight: &sdk.Insight{Title: e.Key, Stage: sdk.StageTrend, People: int64(n)}})
		}
		if contains(t.config.Boast, e.ID) {
			out.Emit(sdk.Event{ID: "in_" + e.ID, Time: e.Time, Insight: &sdk.Insight{Title: strings.Repeat("t", t.config.Boasting)}})
		}
	}
	return nil
}

func (t *tally) Snapshot(context.Context) ([]byte, error) { return json.Marshal(t.counts) }

func (t *tally) Restore(_ context.Context, blob []byte) error {
	if exists(t.config.Strange) {
		return errors.New("a state of version 1, this is version 2")
	}
	t.counts = map[string]int{}
	return json.Unmarshal(blob, &t.counts)
}

type tripConfig struct {
	Die    []string `pintle:"die"`   // ids that kill the process
	Error  []string `pintle:"error"` // ids that are an error
	Panic  []string `pintle:"panic"`
	Drop   []string `pintle:"drop"`
	Refuse bool     `pintle:"refuse"` // cannot be opened
	// Delay is how long each batch takes.
	Delay time.Duration `pintle:"delay"`
	// Seen reads what an analyzer before has added: the hub then gives this one a process of its own.
	Seen sdk.PerEvent `pintle:"seen"`
}

type trip struct{ tripConfig }

func (t trip) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	if err := pass(ctx, t.Delay, ""); err != nil {
		return err
	}
	for i := range in.Len() {
		switch id := in.ID(i); {
		case contains(t.Die, id):
			leave(3)
		case contains(t.Error, id):
			return sdk.Errorf(sdk.Invalid, "cannot take it")
		case contains(t.Panic, id):
			panic("trip over " + in.Event(i).Feedback.Text)
		case contains(t.Drop, id):
			out.Drop(i, "tripped")
			continue
		}
		out.SetBool(i, "ok", true)
	}
	return nil
}

func contains(list []string, s string) bool {
	return strings.Contains(" "+strings.Join(list, " ")+" ", " "+s+" ")
}

type ledgerConfig struct {
	Path   string       `pintle:"path,required"`
	Note   sdk.PerEvent `pintle:"note"`
	Reject []string     `pintle:"reject"`
	Retry  []string     `pintle:"retry"` // asked to be tried again, once each
	While  string       `pintle:"while"` // asked again and again, as long as this file exists
	Die    []string     `pintle:"die"`
	Token  sdk.Secret   `pintle:"token"`
	Fatal  bool         `pintle:"fatal"`
	// FatalWhile is a file: while it is there, the sink gives up.
	FatalWhile string        `pintle:"fatal_while"`
	Refuse     string        `pintle:"refuse"` // while this file exists, the whole batch is refused as unavailable
	Down       string        `pintle:"down"`   // while this file exists, each event is asked to be tried again
	Tries      string        `pintle:"tries"`  // a file for the number of events of each write while it is down
	Slow       string        `pintle:"slow"`   // while this file exists, writes wait
	Delay      time.Duration `pintle:"delay"`  // of each write
}

// ledger writes one line an event: id, key, note.
type ledger struct {
	ledgerConfig
	file    *os.File
	retried map[string]bool
}

func openLedger(c ledgerConfig) (sdk.Sink, error) {
	if err := errors.Join(notePid("sink"), dropTornLine(c.Path)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(c.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &ledger{ledgerConfig: c, file: f, retried: map[string]bool{}}, err
}

func (l *ledger) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	if exists(l.Refuse) {
		return nil, sdk.Errorf(sdk.Unavailable, "closed for now")
	}
	if err := pass(ctx, l.Delay, l.Slow); err != nil {
		return nil, err
	}
	results := in.Results()
	if exists(l.Down) {
		for i := range results {
			results[i] = sdk.RetryAfter(0, "down")
		}
		return results, note(l.Tries, strconv.Itoa(in.Len())+"\n")
	}
	held := map[string]bool{}
	var lines strings.Builder
	for i := range in.Len() {
		e := in.Event(i)
		switch {
		case l.Fatal, exists(l.FatalWhile):
			results[i] = sdk.FatalWith("28P01", "wrong password")
			continue
		case contains(l.Die, e.ID):
			leave(4)
		case contains(l.Reject, e.ID):
			results[i] = sdk.RejectWith("23514", "n", "too odd")
			continue
		case held[e.Key] || contains(l.Retry, e.ID) && (exists(l.While) || l.While == "" && !l.retried[e.ID]):
			l.retried[e.ID], held[e.Key] = true, true
			results[i] = sdk.RetryAfter(20*time.Millisecond, "not yet")
			continue
		}
		fmt.Fprintf(&lines, "%s %s %s\n", e.ID, e.Key, in.Attr(i, l.Note).Text())
	}
	_, err := l.file.WriteString(lines.String())
	return results, err
}

// note appends a line to a file.
func note(path, line string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}

// load makes a plan of HCL with the test program in it.
func load(t testing.TB, dir, hcl string) *config.Plan {
	t.Helper()
	plan, err := loadPlan(dir, hcl)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func loadPlan(dir, hcl string) (*config.Plan, error) {
	if err := os.WriteFile(dir+"/hub.hcl", []byte(hcl), 0o600); err != nil {
		return nil, err
	}
	plan, d := config.Load(config.Options{Paths: []string{dir}, Programs: []sdk.Program{testProgram(), garbageProgram(), deafProgram()}})
	if d.HasErrors() {
		return nil, fmt.Errorf("configuration: %s", d.Error())
	}
	return plan, nil
}
