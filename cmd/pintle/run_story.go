package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// story is what a run was: the hub before and after it, and what people said.
type story struct {
	before, after hub.Status
	insights      []flow.Headline
	paths         []string
	dir           string // data folder
}

// mostInsights is how many insights the story tells.
const mostInsights = 20

// write tells the story: what came in, what people say, where it went, and whether the books balance.
func (s *story) write(w io.Writer, i ink) {
	fmt.Fprintf(w, "\n%s\n", i.bold("What came in"))
	s.writeSources(w, i)
	if len(s.insights) > 0 {
		fmt.Fprintf(w, "\n%s\n", i.bold("What people say"))
		s.writeInsights(w, i)
	}
	fmt.Fprintf(w, "\n%s\n", i.bold("Where it went"))
	s.writeSinks(w, i)
	s.writeLeft(w, i)
	fmt.Fprintf(w, "\n%s\n", balance(s.after))
	fmt.Fprintf(w, "%s\n", i.dim("Done in "+lasted(time.Duration(s.after.Up*float64(time.Second)))+". All of it is kept in "+s.dir+"."))
}

func (s *story) writeSources(w io.Writer, i ink) {
	t := newTable("", "new>", "in all>", "")
	for _, x := range s.after.Sources {
		t.add(x.Address, number(x.Total-totalOf(s.before, x.Address)), number(x.Total), cell{trouble(x.Report), i.red})
	}
	t.write(w, i, "  ")
}

// trouble is why a block did not end well, "" when it did.
func trouble(r flow.Report) string {
	if r.State == flow.StateBroken || r.State == flow.StateFailing || r.State == flow.StateWaiting {
		return string(r.State) + ": " + cut(r.Error, 100)
	}
	return ""
}

func (s *story) writeInsights(w io.Writer, i ink) {
	rank := map[string]int{sdk.StageTrend: 0, sdk.StagePattern: 1, sdk.StageProblem: 2}
	list := slices.Clone(s.insights)
	slices.SortStableFunc(list, func(a, b flow.Headline) int {
		return cmp.Or(cmp.Compare(rank[a.Stage], rank[b.Stage]), cmp.Compare(b.People, a.People), cmp.Compare(b.Events, a.Events),
			cmp.Compare(a.Title, b.Title))
	})
	t := newTable("", "about", "people>", "events>", "said")
	for n, h := range list {
		if n == mostInsights {
			break
		}
		t.add(cell{h.Stage, i.stage(h.Stage)}, h.Title, number(h.People), number(h.Events), span(h.FirstTime, h.LastTime))
	}
	t.write(w, i, "  ")
	if more := len(list) - mostInsights; more > 0 {
		fmt.Fprintf(w, "  and %s more\n", number(more))
	}
}

// stage colours what more people say.
func (i ink) stage(stage string) func(string) string {
	switch stage {
	case sdk.StageTrend:
		return func(s string) string { return i.bold(i.yellow(s)) }
	case sdk.StagePattern:
		return i.yellow
	}
	return nil
}

func (s *story) writeSinks(w io.Writer, i ink) {
	t := newTable("", "delivered>", "refused>", "")
	for _, p := range s.after.Pipelines {
		for _, k := range p.Sinks {
			why := trouble(k.Report)
			if why == "" && k.Behind > 0 && k.Error != "" {
				why = "still behind: " + cut(k.Error, 100)
			}
			t.add(k.Address, number(k.Delivered), number(k.Rejected), cell{why, i.red})
		}
	}
	t.write(w, i, "  ")
}

// writeLeft says what did not arrive, and why.
func (s *story) writeLeft(w io.Writer, i ink) {
	b := s.after.Books
	if b.Dropped > 0 {
		fmt.Fprintf(w, "\n%s dropped by rule:", counted(b.Dropped, "event"))
		for n, rule := range slices.Sorted(maps.Keys(b.Rules)) {
			if n > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, " %s %s", clean(rule), number(b.Rules[rule]))
		}
		fmt.Fprintln(w)
	}
	if dead := b.Dead + b.InsightsDead; dead > 0 {
		fmt.Fprintf(w, "\n%s: %s\n", i.red(counted(dead, "dead letter")), commandLine("dlq list", s.paths...))
	}
}
