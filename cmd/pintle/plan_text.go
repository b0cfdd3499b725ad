package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
)

// write shows the plan to a person.
func (c *comparison) write(std *streams, paths []string) {
	i := std.ink(std.out)
	for _, p := range c.plan.Pipelines {
		writePipeline(std.out, i, p)
		fmt.Fprintln(std.out)
	}
	c.writeUnused(std.out, i)
	if c.running == nil {
		fmt.Fprintf(std.out, "No hub runs with the data folder %s, so all of it is new.\n", c.plan.Settings.DataDir)
		fmt.Fprintf(std.out, "%s starts it.\n", i.bold(commandLine("run", paths...)))
		return
	}
	c.writeChanges(std.out, i)
	if c.needsRestart() {
		fmt.Fprintln(std.out, i.yellow("broker or limits change: a reload refuses that. Stop the hub and start it again."))
		return
	}
	if !c.changes.Empty() {
		fmt.Fprintf(std.out, "%s does it without losing an event.\n", i.bold(commandLine("reload", paths...)))
	}
}

func writePipeline(w io.Writer, i ink, p *config.Pipeline) {
	fmt.Fprintf(w, "%s\n", i.bold(fmt.Sprintf("pipeline %q", p.Name)))
	t := newTable("", "", "")
	for n, b := range p.From {
		t.add(cell{first(n, "from"), i.dim}, b.Address(), cell{"process " + processOf(b), i.dim})
	}
	for n, hop := range hub.Hops(p) {
		t.add(cell{first(n, "through"), i.dim}, strings.Join(addressesOf(hop), ", "), cell{hopNote(hop), i.dim})
	}
	for _, r := range p.Routes {
		t.add(cell{"route", i.dim}, fmt.Sprintf("%s -> %s", r.Name, strings.Join(addressesOf(r.To), ", ")), cell{routeNote(r), i.dim})
	}
	t.write(w, i, "  ")
}

func first(n int, word string) string {
	if n == 0 {
		return word
	}
	return ""
}

func hopNote(hop []*config.Block) string {
	note := "process " + processOf(hop[0])
	if len(hop) > 1 {
		note = "one process " + processOf(hop[0])
	}
	for _, b := range hop {
		if b.Analyzer.Stateful {
			note += ", " + b.Name + " remembers"
		}
	}
	return note
}

// processOf names the program that a block runs in.
func processOf(b *config.Block) string {
	if b.Plugin != "" {
		return b.Plugin + " (plugin)"
	}
	return b.Program
}

func routeNote(r *config.Route) string {
	what := "every event"
	if r.On == config.OnInsight {
		what = "every insight"
	}
	if r.When != nil {
		what = string(r.On) + "s when " + r.When.String()
	}
	return what
}

// writeUnused names blocks that are declared and run nowhere.
func (c *comparison) writeUnused(w io.Writer, i ink) {
	var idle []string
	used := make(map[*config.Block]bool)
	for _, p := range c.plan.Pipelines {
		for _, b := range slices.Concat(p.From, p.Through) {
			used[b] = true
		}
		for _, r := range p.Routes {
			for _, b := range r.To {
				used[b] = true
			}
		}
	}
	for _, b := range slices.Concat(c.plan.Sources, c.plan.Analyzers, c.plan.Sinks) {
		if !used[b] {
			idle = append(idle, b.Address())
		}
	}
	if len(idle) > 0 {
		fmt.Fprintf(w, "%s %s\n\n", i.yellow("In no pipeline, so not run:"), strings.Join(idle, ", "))
	}
}

func (c *comparison) writeChanges(w io.Writer, i ink) {
	if c.changes.Empty() {
		fmt.Fprintln(w, "No changes: the hub that runs does all of this already.")
		return
	}
	fmt.Fprintln(w, "Compared with the hub that runs:")
	for _, name := range c.changes.Added {
		fmt.Fprintf(w, "  %s %s\n", i.green("+"), name)
	}
	for _, name := range c.changes.Changed {
		fmt.Fprintf(w, "  %s %s\n", i.yellow("~"), name)
		c.writeDetails(w, i, name)
	}
	for _, name := range c.changes.Removed {
		fmt.Fprintf(w, "  %s %s\n", i.red("-"), name)
	}
	fmt.Fprintf(w, "\n%d to add, %d to change, %d to remove.\n", len(c.changes.Added), len(c.changes.Changed), len(c.changes.Removed))
}

// writeDetails says which settings of a part change, and what that costs.
func (c *comparison) writeDetails(w io.Writer, i ink, name string) {
	details := changesOf(c.before[name].Shown, c.after[name].Shown)
	if len(details) == 0 {
		fmt.Fprintf(w, "      %s\n", i.dim("the program, or a value that is not shown"))
	}
	for _, d := range details {
		fmt.Fprintf(w, "      %s: %s -> %s\n", clean(d.Setting), shown(d.From), shown(d.To))
	}
	pipeline, ok := strings.CutPrefix(name, "pipeline.")
	if !ok {
		return
	}
	for _, p := range c.plan.Pipelines {
		if p.Name != pipeline {
			continue
		}
		for _, b := range p.Through {
			touched := slices.ContainsFunc(details, func(d change) bool { return strings.HasPrefix(d.Setting, b.Address()+".") })
			if touched && b.Analyzer.Stateful {
				fmt.Fprintf(w, "      %s\n", i.yellow(b.Address()+" begins to count anew, as what it remembers was counted by other rules"))
			}
		}
	}
}

// shown is a value in one short piece.
func shown(s string) string {
	if s == "" {
		return "(none)"
	}
	return cut(clean(s), 60)
}
