package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/mutant"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// gate runs hubs that break a promise on purpose: a checker that does not see it is worth nothing.
type gate struct {
	dir, self, switched string
	seed                uint64
	slack               float64
	out                 io.Writer
}

func mutantsCommand(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("mutants", flag.ContinueOnError)
	only := f.String("only", "", "names of mutants, separated by commas")
	quick := f.Bool("quick", false, "those of the short run only")
	slack := f.Float64("slack", 1, "multiplies every limit of time, for a busy machine")
	dir := f.String("dir", "", "where histories go, instead of a temporary folder")
	if err := f.Parse(args); err != nil {
		return err
	}
	r := &run{out: os.Stdout, dir: *dir, hub: "-", seed: 1, slack: *slack}
	err := r.prepare(ctx)
	if err != nil {
		return err
	}
	g := &gate{dir: r.dir, self: r.self, seed: r.seed, slack: r.slack, out: r.out}
	list := slices.DeleteFunc(mutant.Mutants(), func(m mutant.Mutant) bool {
		return *quick && !m.Quick || *only != "" && !slices.Contains(strings.Split(*only, ","), m.Name)
	})
	if g.switched, err = mutant.Build(ctx, g.dir); err != nil {
		return err
	}
	if err := g.each(ctx, list); err != nil {
		return err
	}
	if r.temporary {
		return os.RemoveAll(r.dir)
	}
	return nil
}

// each runs every schedule that a mutant of the list needs without a mutant, then the mutants.
func (g *gate) each(ctx context.Context, list []mutant.Mutant) error {
	red := 0
	seen := map[mutant.Schedule]bool{}
	for _, m := range list {
		if !seen[m.Schedule] {
			seen[m.Schedule] = true
			red += g.judge(ctx, mutant.Mutant{Schedule: m.Schedule})
		}
		red += g.judge(ctx, m)
	}
	if red > 0 {
		fmt.Fprintf(g.out, "%d runs were not judged as they must be; see %s\n", red, g.dir)
		return errRed
	}
	return nil
}

// judge runs one mutant, or the hub itself when it has no name, and returns 1 when the verdict is not the right one.
func (g *gate) judge(ctx context.Context, m mutant.Mutant) int {
	began := time.Now()
	name := m.Name
	if name == "" {
		name = "none-" + string(m.Schedule)
	}
	report, err := g.run(ctx, m, filepath.Join(g.dir, name))
	wrong := m.Misjudged(report.Red(), err)
	word := "ok"
	if wrong != "" {
		word = "WRONG: " + wrong
	}
	fmt.Fprintf(g.out, "%-12s %-7s red: %-30s %6s  %s\n", name, m.Schedule, strings.Join(report.Red(), " "),
		time.Since(began).Round(100*time.Millisecond), word)
	if wrong == "" {
		return 0
	}
	for _, f := range report.Findings {
		if f.Verdict == check.Fail {
			fmt.Fprintf(g.out, "    %s: %s\n", f.Checker, strings.Join(f.First, "\n        "))
		}
	}
	return 1
}

// quietWithin is how long a mutant may take to come to rest before it is judged as it is, whatever the slack.
const quietWithin = 10 * time.Second

// run does the mutant's schedule in a folder of its own.
func (g *gate) run(ctx context.Context, m mutant.Mutant, dir string) (check.Report, error) {
	e, err := rig.Open(ctx, rig.Options{Dir: dir, Hub: g.switched, Self: g.self, Seed: g.seed, Slack: g.slack, Quiet: time.Duration(float64(quietWithin) / g.slack)})
	if err != nil {
		return check.Report{}, err
	}
	sleep := 30 * time.Millisecond
	if m.Name == "slow" {
		sleep = time.Duration(float64(rig.HubLimit)*g.slack) + time.Second
	}
	e.Hub0.Env = []string{mutant.EnvMutant + "=" + m.Name, mutant.EnvSleep + "=" + sleep.String()}
	err = g.schedule(ctx, e, m)
	if errors.Is(err, rig.ErrRestless) && m.Name != "" {
		err = e.NoteEnd(ctx) // what does not come to rest is judged as it is
	}
	report, judged := check.Report{}, e.Close()
	if judged == nil {
		report, judged = e.Verdict()
	}
	return report, errors.Join(err, judged)
}

func (g *gate) schedule(ctx context.Context, e *rig.Env, m mutant.Mutant) error {
	var err error
	switch m.Schedule {
	case mutant.Flood:
		err = flood(ctx, e)
	case mutant.Kills:
		n := 4
		if m.Name == "slow" {
			n = 1
		}
		err = killSome(ctx, e, n)
	case mutant.Zombie:
		err = runZombie(ctx, e, 1)
	}
	if err != nil {
		return err
	}
	return e.Quiesce(ctx)
}

// flood lets 6,000 events through quickly, with refusals, retries and drops.
func flood(ctx context.Context, e *rig.Env) error {
	const many = 6_000
	if err := e.Flow(many); err != nil {
		return err
	}
	err := e.StartStandard(ctx, rig.StandardOptions{Rate: 8000, Chunk: 50, Delay: 8 * time.Millisecond, Reject: 13, Retry: 1009, Drop: 101})
	if err != nil {
		return err
	}
	return e.Await(ctx, 60*time.Second, "the flood to pass", func() error {
		c, err := e.Ledger.Counts()
		if err != nil {
			return err
		}
		if err := e.Sample(); err != nil {
			return err
		}
		if c.Offered["a"] < many {
			return fmt.Errorf("%d have passed", c.Offered["a"])
		}
		return nil
	})
}

// killSome kills the hub n times while both sources are busy.
func killSome(ctx context.Context, e *rig.Env, n int) error {
	if err := e.StartStandard(ctx, rig.StandardOptions{}); err != nil {
		return err
	}
	for range n {
		if err := e.AwaitFlow(ctx, "five"); err != nil {
			return err
		}
		if err := e.Sleep(ctx, time.Duration(100+e.Rand.IntN(200))*time.Millisecond); err != nil {
			return err
		}
		if err := e.KillHub(ctx, true); err != nil {
			return err
		}
	}
	return e.AwaitFlow(ctx, "one")
}
