// Command bench measures what the project promises about speed, memory and latency, each measure beside its goal: the whole
// way of an event (source, fsynced log, analyzer, fsynced log, sink, every plugin its own process) beside a reference that
// passes the same batches over the same three gRPC hops without a log, and what fan-out, slow sinks, idle pipelines and
// backlogs cost. Each case runs in a process of its own, and cases that are compared run in turns: only ratios of one run mean
// anything, because the machine's own speed drifts.
//
// Its promise: the figures come from the real hub with fsync on; nothing is switched off for the benchmark.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Arguments with which the program starts itself.
const (
	pluginArg = "__plugin"
	caseArg   = "__case"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == pluginArg {
		os.Exit(servePlugin(os.Args[2]))
	}
	if len(os.Args) == 3 && os.Args[1] == caseArg {
		os.Exit(serveCase(os.Args[2]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
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

// options are the flags.
type options struct {
	only      string
	rounds, n int
	quick     bool
	list      bool
	json, out string
	peers     string
	profile   string
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.only, "only", "", "measure only these, by name with commas between; see -list")
	f.IntVar(&o.rounds, "rounds", 0, "rounds of each measure (0: as each measure needs, usually 3)")
	f.IntVar(&o.n, "n", 1_500_000, "events a round of the whole way; other measures take a fixed share of it")
	f.BoolVar(&o.quick, "quick", false, "a tenth of the events, one round, no deep backlog: to see that all works, not to judge")
	f.BoolVar(&o.list, "list", false, "list the measures and measure nothing")
	f.StringVar(&o.json, "json", "", "write all figures to this file as JSON")
	f.StringVar(&o.out, "out", "", "write the figures to this file in the format of Go benchmarks, for benchstat")
	f.StringVar(&o.profile, "profile", "", "write a processor profile of each case's hub into this folder")
	f.StringVar(&o.peers, "peers", "", "at the end, run this program of bench/peers, if it is there")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("argument %q: there are only flags, see -help", f.Arg(0))
	}
	if o.n < 10_000 || o.rounds < 0 {
		return o, fmt.Errorf("-n %d -rounds %d: want 10000 events or more, and no negative rounds", o.n, o.rounds)
	}
	if o.quick {
		o.n = max(o.n/10, 10_000)
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.list {
		list(os.Stdout)
		return nil
	}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	r, err := measureAll(ctx, o, chosen)
	if err != nil {
		return err
	}
	r.print(os.Stdout)
	if err := r.save(o); err != nil {
		return err
	}
	if err := peers(ctx, o.peers); err != nil {
		return err
	}
	r.printRatio(os.Stdout)
	return r.failed()
}

func list(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range measures() {
		fmt.Fprintf(w, "%s\t%s\n", m.name, m.doc)
	}
	w.Flush()
}

// choose returns the measures named in only, all when it is empty.
func choose(only string) ([]measure, error) {
	all := measures()
	if only == "" {
		return all, nil
	}
	byName := make(map[string]measure)
	for _, m := range all {
		byName[m.name] = m
	}
	var chosen []measure
	for _, name := range strings.Split(only, ",") {
		m, ok := byName[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Errorf("-only %s: there is no measure %q; -list shows them", only, name)
		}
		chosen = append(chosen, m)
	}
	return chosen, nil
}
