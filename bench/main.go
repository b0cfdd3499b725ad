// Command bench measures the whole way of an event: source, fsynced log, analyzer, fsynced log, sink, with every plugin its
// own process, beside a reference that passes the same batches over the same three gRPC hops without a log. Only ratios of
// one run mean anything: the machine's own speed drifts.
//
// Its promise: the figures come from the real hub with fsync on; nothing is switched off for the benchmark.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"

	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// goal is what the whole way should reach of the reference.
const goal = 0.25

// Arguments with which the program starts itself.
const (
	pluginArg = "__plugin"
	caseArg   = "__case"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == pluginArg {
		os.Exit(servePlugin(os.Args[2]))
	}
	if len(os.Args) > 2 && os.Args[1] == caseArg {
		os.Exit(serveCase(os.Args[2:]))
	}
	n := flag.Int("n", 1_500_000, "events a round")
	rounds := flag.Int("rounds", 3, "rounds of reference and whole way, interleaved")
	out := flag.String("json", "", "write the figures to this file as JSON")
	flag.Parse()
	report, err := measure(*n, *rounds)
	if err == nil {
		report.print()
		err = report.save(*out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func servePlugin(name string) int {
	if name == "generate" {
		return wire.Serve(generate.Program())
	}
	return wire.Serve(program())
}

// Figures are what one case of one round measured.
type Figures struct {
	Case      string             `json:"case"`
	Events    int                `json:"events"`
	Seconds   float64            `json:"seconds"`
	PerSecond float64            `json:"events_per_second"`
	CPU       float64            `json:"cpu_seconds_per_million"`
	RSS       map[string]float64 `json:"rss_mb"`
	P50       float64            `json:"latency_p50_ms,omitempty"`
	P99       float64            `json:"latency_p99_ms,omitempty"`
	First     float64            `json:"start_to_first_event_ms,omitempty"`
}

// Report is a whole run.
type Report struct {
	Rounds  []Figures `json:"rounds"`
	Latency Figures   `json:"latency"`
	Ratio   float64   `json:"ratio"`
	Goal    float64   `json:"goal"`
}

// measure runs the cases, each in a process of its own so that its CPU and memory are its own.
func measure(n, rounds int) (*Report, error) {
	r := &Report{Goal: goal}
	var ratios []float64
	for range rounds {
		var speed [2]float64
		for i, name := range []string{"reference", "whole-way"} {
			f, err := runCase(name, n)
			if err != nil {
				return nil, err
			}
			r.Rounds = append(r.Rounds, f)
			speed[i] = f.PerSecond
		}
		ratios = append(ratios, speed[1]/speed[0])
	}
	slices.Sort(ratios)
	r.Ratio = ratios[len(ratios)/2]
	var err error
	r.Latency, err = runCase("latency", 8000)
	return r, err
}

func runCase(name string, n int) (Figures, error) {
	var f Figures
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	fmt.Fprintln(os.Stderr, "running", name)
	cmd := exec.Command(self, caseArg, name, fmt.Sprint(n))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	return f, json.Unmarshal(out, &f)
}

func (r *Report) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "case\tevents\tevents/s\tCPU s/million\tRSS MB: hub\tsource\tanalyzer\tsink\t")
	for _, f := range r.Rounds {
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t\n", f.Case, f.Events, f.PerSecond, f.CPU,
			f.RSS["hub"], f.RSS["source"], f.RSS["analyzer"], f.RSS["sink"])
	}
	w.Flush()
	l := r.Latency
	fmt.Printf("\nat 1,000 events/s, fsync on: latency p50 %.1f ms, p99 %.1f ms; start to first event delivered %.0f ms\n", l.P50, l.P99, l.First)
	fmt.Printf("whole-way ratio %.2f (goal %.2f)\n", r.Ratio, r.Goal)
}

func (r *Report) save(path string) error {
	if path == "" {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
