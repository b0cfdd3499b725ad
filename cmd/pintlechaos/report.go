package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report writes the table and the JSON, and returns errRed when something is red.
func (r *run) report() error {
	w := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nSCENARIO\tCYCLES\tTOOK\tFAULTS\tEVENTS\tLOST\tAGAIN (MOST)\tRECOVERY P50/P99/MAX\tVERDICT")
	red := false
	for i := range r.results {
		res := &r.results[i]
		red = red || res.red()
		f := res.Facts
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%d\t%d (%d)\t%s\t%s\n", res.Scenario, res.Cycles, res.Took.Round(100*time.Millisecond),
			counted(f.Faults), f.Offered, res.Finding("lost").Bad, f.Again, f.MaxAgain, recoveries(f.Recovery), res.verdictWords())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.json != "" {
		b, err := json.MarshalIndent(r.results, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(r.json, append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	if red {
		fmt.Fprintf(r.out, "\nseed %d; what red scenarios left is in %s\n", r.seed, r.dir)
		return errRed
	}
	if r.temporary && !r.keepGood {
		return os.RemoveAll(r.dir)
	}
	return nil
}

func (r *result) verdictWords() string {
	if red := r.Red(); len(red) > 0 {
		return "FAIL " + strings.Join(red, ", ")
	}
	return r.word()
}

func counted(faults map[string]int) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		out = append(out, fmt.Sprintf("%d %s", faults[name], name))
	}
	return strings.Join(out, ", ")
}

// recoveries shows hubs and plugins apart.
func recoveries(by map[string][]time.Duration) string {
	var hub, plugins []time.Duration
	for who, list := range by {
		if strings.HasPrefix(who, "hub") {
			hub = append(hub, list...)
		} else {
			plugins = append(plugins, list...)
		}
	}
	var out []string
	for name, list := range map[string][]time.Duration{"hub": hub, "plugin": plugins} {
		if len(list) > 0 {
			slices.Sort(list)
			out = append(out, fmt.Sprintf("%s %s/%s/%s", name, at(list, 50), at(list, 99), at(list, 100)))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// at returns a percentile of a sorted list.
func at(list []time.Duration, percent int) time.Duration {
	return list[min(len(list)*percent/100, len(list)-1)].Round(time.Millisecond)
}
