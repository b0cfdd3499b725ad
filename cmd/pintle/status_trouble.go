package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/core/flow"
)

// writeTroubles says of all that is not well what the cause is and what to do.
func (p *statusPage) writeTroubles(w io.Writer) {
	var b troubles
	for _, s := range p.status.Sources {
		b.block(p, s.Address, s.Report)
	}
	for _, x := range p.status.Pipelines {
		b.block(p, "pipeline "+x.Name, x.Report)
		for _, h := range x.Hops {
			b.block(p, strings.Join(h.Analyzers, ", "), h.Report)
		}
		for _, k := range x.Sinks {
			b.block(p, k.Address, k.Report)
		}
	}
	p.logTroubles(&b)
	if r := p.status.Refused; r != nil {
		b.add(fmt.Sprintf("%s: %s", p.red("the newest configuration does not run")+" (tried "+lasted(time.Since(r.Time))+" ago)",
			indented(r.Error)), "mend it, then "+commandLine("reload", p.words...))
	}
	if dead := p.status.Books.Dead + p.status.Books.InsightsDead; dead > 0 {
		b.add(p.red(counted(dead, "dead letter")), commandLine("dlq list", p.words...))
	}
	if len(b.list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", p.bold("Needs a look"))
	for _, x := range b.list {
		p.writeBroken(w, "  ", x.what)
		p.writeBroken(w, "      ", p.dim("next:")+" "+x.next)
	}
}

// writeBroken writes a text behind an indent; what does not fit into a line goes on below, deeper. Lines of its own stay.
func (p *statusPage) writeBroken(w io.Writer, indent, text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if p.columns == 0 || utf8.RuneCountInString(line) < p.columns-len(indent) {
			fmt.Fprintf(w, "%s%s\n", indent, line)
			continue
		}
		for n, part := range wrapped(line, p.columns-len(indent)-3) {
			deeper := ""
			if n > 0 {
				deeper = "  "
			}
			fmt.Fprintf(w, "%s%s%s\n", indent, deeper, part)
		}
	}
}

// troubles are what is not well, each with one thing to do.
type troubles struct {
	list  []struct{ what, next string }
	names []string // of blocks
}

func (b *troubles) add(what, next string) {
	b.list = append(b.list, struct{ what, next string }{what, next})
}

// block notes a block that is not well.
func (b *troubles) block(p *statusPage, name string, r flow.Report) {
	next := ""
	cause := clean(r.Error)
	switch r.State {
	case flow.StateWaiting:
		next = nextTry(r) + "nothing is lost, and it goes on by itself once the cause is gone; " + commandLine("status --watch", p.words...)
		if full, mend := p.backPressure(name, r); full != "" {
			cause, next = full, mend+"; nothing is lost, and it goes on by itself"
		}
	case flow.StateFailing:
		next = "mend the cause; " + nextStart(r) + "after five deaths within ten minutes it is given up"
	case flow.StateBroken:
		next = "mend the cause, then " + commandLine("reload", p.words...) + " starts it again; what waits for it is kept"
	default:
		b.silent(p, name, r)
		return
	}
	b.names = append(b.names, name)
	b.add(fmt.Sprintf("%s is %s: %s%s", p.bold(name), p.state(r.State)(string(r.State)), cause, p.since(r)), next)
}

// since says how long a state has lasted, and how often the plugin was started again.
func (p *statusPage) since(r flow.Report) string {
	parts := []string{"for " + lasted(time.Duration(r.For*float64(time.Second)))}
	if r.State != flow.StateWaiting && r.Restarts > 0 {
		parts = append(parts, counted(r.Restarts, "restart"))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// silent notes a block whose plugin has said nothing for so long that its state is a guess.
func (b *troubles) silent(p *statusPage, name string, r flow.Report) {
	if !quiet(r) {
		return
	}
	b.add(fmt.Sprintf("%s is %s: its plugin, process %d, has said nothing for %s", p.bold(name), p.yellow("unknown"), r.Pid,
		lasted(time.Duration(r.Quiet*float64(time.Second)))), "wait: after 20 s of silence it is killed and started again, and nothing is lost")
}

// nextStart says when a failed plugin is started again.
func nextStart(r flow.Report) string {
	if left := time.Until(r.NextTry); !r.NextTry.IsZero() && left > 0 {
		return "it is started again in " + lasted(left) + "; "
	}
	return "it is tried again until then; "
}

// indented shows a text of several lines, such as all mistakes of a configuration, below what it belongs to.
func indented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n      ")
}

// nextTry says which try comes next and when, where that is known.
func nextTry(r flow.Report) string {
	if r.NextTry.IsZero() {
		return ""
	}
	left := time.Until(r.NextTry)
	if left <= 0 {
		return fmt.Sprintf("try %d is under way; ", r.Try)
	}
	return fmt.Sprintf("try %d in %s; ", r.Try, lasted(left))
}

// told reports whether an error is that of a block which was noted.
func (b *troubles) told(err string) bool {
	return slices.ContainsFunc(b.names, func(name string) bool { return strings.HasPrefix(err, name+":") })
}

func (p *statusPage) logTroubles(b *troubles) {
	if p.status.Log.Problem != "" {
		b.add(p.red("the log cannot store: ")+clean(p.status.Log.Problem), "make room on the disk, or raise limits in the pintle block; sources wait until then")
	}
	if !p.status.Log.Connected {
		b.add(p.red("the log is not connected"), "look after the servers that broker { url } names; "+commandLine("doctor", p.words...))
	}
	if !p.status.Balanced {
		b.add(p.red("the books do not balance"), "a fault of pintle: please report it, with the data folder kept as it is")
	}
	damaged := make(map[string]bool)
	for _, d := range p.status.Log.Damage {
		damaged[d.Error()] = true
		what, reason := lost(d)
		b.add(p.red("the log is damaged: "+what)+": "+reason, d.Advice())
	}
	for _, e := range p.status.Errors {
		if b.told(e) || damaged[e] {
			continue
		}
		b.add(p.red("gave up: ")+clean(e), "the log lines of the hub around it tell more")
	}
}
