package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// rateOver is how many notes back the rates look: two seconds on a terminal.
const rateOver = 8

// mostSources is how many sources the progress names.
const mostSources = 8

// progress is what a run shows while it works.
type progress struct {
	seen []moment // newest last
}

type moment struct {
	at time.Time
	hub.Status
}

// note takes a new status.
func (p *progress) note(s hub.Status) {
	p.seen = append(p.seen, moment{time.Now(), s})
	if len(p.seen) > rateOver+1 {
		p.seen = p.seen[1:]
	}
}

func (p *progress) now() moment { return p.seen[len(p.seen)-1] }

// rate is how fast a count grows, a second.
func (p *progress) rate(count func(hub.Status) uint64) float64 {
	old, now := p.seen[0], p.now()
	took := now.at.Sub(old.at).Seconds()
	before, after := count(old.Status), count(now.Status)
	if took <= 0 || after < before {
		return 0
	}
	return float64(after-before) / took
}

// line is the progress in one line.
func (p *progress) line() string {
	b := p.now().Books
	speed := p.rate(func(s hub.Status) uint64 { return s.Books.Delivered + s.Books.Dead + s.Books.Dropped })
	parts := []string{number(b.Accepted) + " accepted", number(b.InFlight) + " in flight", number(b.Delivered) + " delivered",
		number(b.Dead) + " dead", counted(b.Insights, "insight"), perSecond(speed)}
	return strings.Join(parts, ", ")
}

func perSecond(rate float64) string {
	if rate > 0 && rate < 10 {
		return fmt.Sprintf("%.1f/s", rate)
	}
	return number(uint64(rate)) + "/s"
}

// block is the progress in a few lines, none wider than the terminal.
func (p *progress) block(i ink, columns int) string {
	var b strings.Builder
	t := newTable("", ">", ">", "")
	now := p.now()
	for n, s := range now.Sources {
		if n == mostSources {
			t.add(fmt.Sprintf("and %d more", len(now.Sources)-n), "", "", "")
			break
		}
		speed := p.rate(func(s hub.Status) uint64 { return totalOf(s, now.Sources[n].Address) })
		t.add(s.Address, number(s.Total), perSecond(speed), cell{cut(stateLine(s.Report), columns-50), i.state(s.State)})
	}
	for _, x := range now.Pipelines {
		for _, k := range x.Sinks {
			if text := trouble(k.Report); text != "" {
				t.add(k.Address, number(k.Delivered), "", cell{cut(text, columns-50), i.state(k.State)})
			}
		}
	}
	t.write(&b, i, "  ")
	fmt.Fprintf(&b, "%s\n", i.dim(cut("  "+p.line(), columns-1)))
	return b.String()
}

func totalOf(s hub.Status, address string) uint64 {
	for _, x := range s.Sources {
		if x.Address == address {
			return x.Total
		}
	}
	return 0
}

// stateLine is a state, with the reason where something is wrong.
func stateLine(r flow.Report) string {
	if text := trouble(r); text != "" {
		return text
	}
	return string(r.State)
}

// state colours a state: green works, yellow waits, red needs a person.
func (i ink) state(s flow.State) func(string) string {
	switch s {
	case flow.StateRunning, flow.StateFinished:
		return i.green
	case flow.StateBroken, flow.StateFailing:
		return i.red
	}
	return i.yellow
}
