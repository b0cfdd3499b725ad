package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// caseLimit is how long one case may take before it is given up.
const caseLimit = 5 * time.Minute

// measure is one line of what the project promises: cases that run in turns, and what follows from their figures.
type measure struct {
	name, doc string
	// rounds is how many rounds it needs to be steady, 0 for the usual.
	rounds int
	// long is left out by -quick.
	long  bool
	cases func(o options) []setup
	// once are names of cases that run in the first round only.
	once []string
	rows func(r results) []Row
}

const usualRounds = 3

// measureAll runs the measures. What fails is a row of the report, and the others go on.
func measureAll(ctx context.Context, o options, chosen []measure) (*Report, error) {
	r := newReport(o)
	for _, m := range chosen {
		if m.long && o.quick {
			continue
		}
		began := time.Now()
		figures, err := m.run(ctx, o)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.Figures = append(r.Figures, figures...)
		if err != nil {
			r.add(Row{Measure: m.doc, Err: err.Error()})
			continue
		}
		for _, row := range m.rows(figures) {
			row.Name = m.name
			r.add(row)
		}
		fmt.Fprintf(os.Stderr, "%s: measured in %.0f s\n", m.name, time.Since(began).Seconds())
	}
	return r, nil
}

// run runs the cases in turns, every other round the other way round, so that a machine that grows faster or slower favours
// none.
func (m *measure) run(ctx context.Context, o options) (results, error) {
	rounds := o.rounds
	if rounds == 0 {
		rounds = cmp.Or(m.rounds, usualRounds)
		if o.quick {
			rounds = 1
		}
	}
	var figures results
	for round := 1; round <= rounds; round++ {
		cases := m.cases(o)
		if round%2 == 0 {
			slices.Reverse(cases)
		}
		for _, c := range cases {
			if round > 1 && slices.Contains(m.once, c.Name) {
				continue
			}
			if o.profile != "" {
				c.Profile = filepath.Join(o.profile, fmt.Sprintf("%s-%d.pprof", c.Name, round))
			}
			f, err := runCase(ctx, c)
			if err != nil {
				return figures, fmt.Errorf("%s: %w", c.Name, err)
			}
			f.Round = round
			fmt.Fprintf(os.Stderr, "%s, round %d of %d: %s\n", c.Name, round, rounds, f.brief())
			figures = append(figures, f)
		}
	}
	return figures, nil
}

// brief is what the progress shows of a case.
func (f *Figures) brief() string {
	var parts []string
	for _, unit := range []string{perSecond, cpuPerMillion, p50MS, p99MS, readyMS, hubCPU, hubMB, evalNS} {
		if v, ok := f.Values[unit]; ok {
			parts = append(parts, fmt.Sprintf("%s %s", short(v), unit))
		}
	}
	return strings.Join(parts, ", ")
}

// runCase runs one case in a process of its own, so that its processor time and memory are its own.
func runCase(ctx context.Context, s setup) (Figures, error) {
	f := Figures{Case: s.Name, Values: make(map[string]float64)}
	ctx, cancel := context.WithTimeout(ctx, caseLimit)
	defer cancel()
	cmd, err := caseCommand(ctx, s)
	if err != nil {
		return f, err
	}
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return f, fmt.Errorf("given up after %s: %w", caseLimit, ctx.Err())
	}
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// caseCommand is the command line that runs one case.
func caseCommand(ctx context.Context, s setup) (*exec.Cmd, error) {
	arg, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	path, _ := bundled("")
	cmd := exec.CommandContext(ctx, path, caseArg, string(arg))
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// peers runs the program of bench/peers, so that its figures stand below ours from the same hour of the same machine.
func peers(ctx context.Context, path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		fmt.Printf("\nOther systems on this machine: not measured, 'make bench-peers' builds %s.\n", path)
		return nil
	}
	fmt.Println()
	var talk bytes.Buffer
	cmd := exec.CommandContext(ctx, path)
	cmd.Stdout, cmd.Stderr = os.Stdout, &talk
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", path, err, talk.String())
	}
	return nil
}
