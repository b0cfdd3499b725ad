package main

import (
	"context"
	"encoding/json"
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

// run is one run of some scenarios.
type run struct {
	seed      uint64
	only      string
	short     bool
	dir, json string
	switched  string // the hub with switches, once a scenario needs it
	hub, self string
	slack     float64
	out       io.Writer
	results   []result
	keepGood  bool
	temporary bool
}

// result is what became of one scenario.
type result struct {
	Scenario string        `json:"scenario"`
	Cycles   int           `json:"cycles"`
	Seed     uint64        `json:"seed"`
	Dir      string        `json:"dir"`
	Took     time.Duration `json:"took"`
	Error    string        `json:"error,omitempty"`
	check.Report
}

func (r *result) red() bool { return r.Error != "" || r.Verdict != check.OK }

func (r *run) flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.Uint64Var(&r.seed, "seed", uint64(time.Now().UnixNano()), "of all randomness; the same seed makes the same schedule")
	f.StringVar(&r.only, "only", "", "names of scenarios, separated by commas")
	f.BoolVar(&r.short, "short", false, "the short run")
	f.StringVar(&r.dir, "dir", "", "where histories and data go, instead of a temporary folder")
	f.StringVar(&r.json, "json", "", "write the results to this file")
	f.StringVar(&r.hub, "hub", "", "the program under test, instead of building ./cmd/pintle")
	f.Float64Var(&r.slack, "slack", 1, "multiplies every limit of time, for a busy machine")
	f.BoolVar(&r.keepGood, "keep", false, "keep what green scenarios leave too")
	return f
}

func runCommand(ctx context.Context, args []string) error {
	r := &run{out: os.Stdout}
	if err := r.flags("run").Parse(args); err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	list, err := r.chosen()
	if err != nil {
		return err
	}
	if err := r.buildSwitched(ctx, list); err != nil {
		return err
	}
	for _, s := range list {
		r.one(ctx, s, r.cycles(s), r.seed)
		if ctx.Err() != nil {
			break
		}
	}
	return r.report()
}

// prepare makes the folder and the programs.
func (r *run) prepare(ctx context.Context) (err error) {
	if r.dir == "" {
		if r.dir, err = os.MkdirTemp("", "pintlechaos"); err != nil {
			return err
		}
		r.temporary = true
	} else if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	if r.dir, err = filepath.Abs(r.dir); err != nil {
		return err
	}
	if r.self == "" {
		if r.self, err = os.Executable(); err != nil {
			return err
		}
	}
	if r.hub == "" {
		r.hub, err = rig.Build(ctx, r.dir, "cmd/pintle")
	} else {
		r.hub, err = filepath.Abs(r.hub)
	}
	fmt.Fprintf(r.out, "seed %d, in %s\n", r.seed, r.dir)
	return err
}

// buildSwitched builds the hub with switches when one of the scenarios uses it.
func (r *run) buildSwitched(ctx context.Context, list []Scenario) (err error) {
	if r.switched == "" && slices.ContainsFunc(list, func(s Scenario) bool { return s.Switched }) {
		r.switched, err = mutant.Build(ctx, r.dir)
	}
	return err
}

func (r *run) chosen() ([]Scenario, error) {
	all := scenarios()
	if r.only == "" {
		if r.short {
			all = slices.DeleteFunc(all, func(s Scenario) bool { return s.Short == 0 })
		}
		return all, nil
	}
	var list []Scenario
	for _, name := range strings.Split(r.only, ",") {
		i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scenario %q; pintlechaos list names them", name)
		}
		list = append(list, all[i])
	}
	return list, nil
}

func (r *run) cycles(s Scenario) int {
	if r.short && s.Short > 0 {
		return s.Short
	}
	return s.Full
}

// one does one scenario in a folder of its own and judges it.
func (r *run) one(ctx context.Context, s Scenario, cycles int, seed uint64) *result {
	began := time.Now()
	res := result{Scenario: s.Name, Cycles: cycles, Seed: seed, Dir: filepath.Join(r.dir, fmt.Sprintf("%s-%d", s.Name, len(r.results)))}
	fmt.Fprintf(r.out, "%s: %d cycles\n", s.Name, cycles)
	if err := r.do(ctx, s, &res); err != nil {
		res.Error = err.Error()
	}
	res.Took = time.Since(began)
	fmt.Fprintf(r.out, "%s: %s in %s %s\n", s.Name, res.word(), res.Took.Round(100*time.Millisecond), res.Error)
	for _, f := range res.Findings {
		if f.Verdict == check.Fail {
			fmt.Fprintf(r.out, "    %s: %d of %d are wrong\n        %s\n", f.Checker, f.Bad, f.Count, strings.Join(f.First, "\n        "))
		}
	}
	if !res.red() && !r.keepGood {
		_ = os.RemoveAll(filepath.Join(res.Dir, "hub", "data")) // the history stays
	}
	r.results = append(r.results, res)
	return &r.results[len(r.results)-1]
}

func (r *result) word() string {
	if r.Error != "" {
		return "error"
	}
	return string(r.Verdict)
}

func (r *run) do(ctx context.Context, s Scenario, res *result) (err error) {
	e, err := rig.Open(ctx, rig.Options{Dir: res.Dir, Hub: r.hub, Switched: r.switched, Self: r.self, Seed: res.Seed, Slack: r.slack, Log: r.out})
	if err != nil {
		return err
	}
	if err = s.Run(ctx, e, res.Cycles); err == nil && !s.Settled {
		err = e.Quiesce(ctx)
	}
	if closed := e.Close(); err == nil {
		err = closed
	}
	var judged error
	if res.Report, judged = e.Verdict(); err == nil {
		err = judged
	}
	if s.Judged && err == nil {
		res.Verdict = check.OK
	}
	return err
}

func checkCommand(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("check takes the folder of a history")
	}
	report, err := check.Dir(args[0], check.Options{})
	if err != nil {
		return err
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(report); err != nil {
		return err
	}
	if report.Verdict == check.Fail {
		return errRed
	}
	return nil
}
