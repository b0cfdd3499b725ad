package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// statusPage is a status as a person sees it.
type statusPage struct {
	ink
	status   hub.Status
	insights []flow.Headline
	dataDir  string
	words    []string  // to find the hub again
	history  *progress // for the rates, with rates
	rates    bool
	columns  int // where long texts are broken; 0: nowhere
	// urgent puts what needs a look first: the rest may not fit on the screen.
	urgent bool
}

func (p *statusPage) write(w io.Writer) {
	p.writeHead(w)
	if p.urgent {
		p.writeTroubles(w)
	}
	fmt.Fprintln(w)
	p.writeSources(w)
	for _, x := range p.status.Pipelines {
		fmt.Fprintln(w)
		p.writePipeline(w, x)
	}
	fmt.Fprintln(w)
	p.writeLog(w)
	if !p.urgent {
		p.writeTroubles(w)
	}
}

func (p *statusPage) writeHead(w io.Writer) {
	s := p.status
	state := p.green("running")
	if s.Idle {
		state = p.green("idle")
	}
	fmt.Fprintf(w, "%s for %s, data in %s\n", state, lasted(time.Duration(s.Up*float64(time.Second))), p.dataDir)
	books := balance(s)
	if !s.Balanced {
		books = p.red(books)
	}
	fmt.Fprintln(w, books)
	if s.Books.Insights == 0 {
		return
	}
	stages := make(map[string]int)
	var order []string
	for _, h := range p.insights {
		if stages[h.Stage]++; stages[h.Stage] == 1 {
			order = append(order, h.Stage)
		}
	}
	var parts []string
	for _, stage := range order {
		parts = append(parts, counted(stages[stage], stage))
	}
	fmt.Fprintf(w, "%s raised, %s delivered", counted(s.Books.Insights, "insight"), number(s.Books.InsightsDelivered))
	if len(parts) > 0 {
		fmt.Fprintf(w, "; now %s", strings.Join(parts, ", "))
	}
	fmt.Fprintln(w)
}

// rate is a cell with how fast a count grows; empty where nobody watches.
func (p *statusPage) rate(count func(hub.Status) uint64) cell {
	if !p.rates {
		return cell{}
	}
	return cell{text: perSecond(p.history.rate(count))}
}

// stateCell is a state, with how long it has lasted where it is not what it should be. Where the plugin is silent nobody knows.
func (p *statusPage) stateCell(r flow.Report) cell {
	switch {
	case quiet(r):
		return cell{"unknown " + lasted(time.Duration(r.Quiet*float64(time.Second))), p.yellow}
	case r.State == flow.StateWaiting || r.State == flow.StateFailing || r.State == flow.StateBroken:
		return cell{string(r.State) + " " + lasted(time.Duration(r.For*float64(time.Second))), p.state(r.State)}
	}
	return cell{string(r.State), p.state(r.State)}
}

// quietAfter is how long a plugin may say nothing until its state is a guess: it misses two of its heartbeats.
const quietAfter = 17 * time.Second

func quiet(r flow.Report) bool {
	return r.Pid != 0 && r.State == flow.StateRunning && r.Quiet > quietAfter.Seconds()
}

func restarts(r flow.Report) string {
	if r.Restarts == 0 {
		return ""
	}
	return number(r.Restarts)
}

func (p *statusPage) heading(names ...string) *table {
	if !p.rates {
		for i, n := range names {
			if n == "RATE>" {
				names[i] = ">"
			}
		}
	}
	return newTable(names...)
}

func (p *statusPage) writeSources(w io.Writer) {
	t := p.heading("SOURCE", "EVENTS>", "RATE>", "STATE", "RESTARTS>")
	for _, s := range p.status.Sources {
		t.add(s.Address, number(s.Total), p.rate(func(x hub.Status) uint64 { return totalOf(x, s.Address) }), p.stateCell(s.Report), restarts(s.Report))
	}
	t.write(w, p.ink, "")
}

func (p *statusPage) writePipeline(w io.Writer, x hub.PipelineStatus) {
	t := p.heading("PIPELINE", "EVENTS>", "RATE>", "STATE", "RESTARTS>")
	t.add(x.Name, number(x.Books.Accepted), p.rate(func(s hub.Status) uint64 { return settledOf(s, x.Name) }), p.stateCell(x.Report), restarts(x.Report))
	for _, h := range x.Hops {
		t.add("  "+strings.ReplaceAll(strings.Join(h.Analyzers, ", "), "analyzer.", ""), "", "", p.stateCell(h.Report), restarts(h.Report))
	}
	t.write(w, p.ink, "")
	fmt.Fprintln(w)
	t = newTable("SINK", "DELIVERED>", "REFUSED>", "HELD>", "BEHIND>", "STATE", "RESTARTS>")
	for _, k := range x.Sinks {
		t.add(k.Address, number(k.Delivered), number(k.Rejected), number(k.Holding), number(k.Behind), p.stateCell(k.Report), restarts(k.Report))
	}
	t.write(w, p.ink, "")
}

func settledOf(s hub.Status, pipeline string) uint64 {
	for _, x := range s.Pipelines {
		if x.Name == pipeline {
			return x.Books.Accepted - x.Books.InFlight
		}
	}
	return 0
}

func (p *statusPage) writeLog(w io.Writer) {
	t := newTable("LOG", "MESSAGES>", "SIZE>", "LIMIT>", "FULL>", "")
	for _, s := range p.status.Log.Streams {
		if s.Last == 0 {
			continue // never used
		}
		limit, full := "", cell{}
		if s.MaxBytes > 0 {
			percent := 100 * float64(s.Bytes) / float64(s.MaxBytes)
			limit, full = size(uint64(s.MaxBytes)), cell{fmt.Sprintf("%.0f%%", percent), p.fullness(percent)}
		}
		t.add(streamName(s.Stream), number(s.Messages), size(s.Bytes), limit, full, p.forecast(s.Forecast))
	}
	t.write(w, p.ink, "")
	if l := p.status.Log; !l.External && l.DiskTotal > 0 {
		text := fmt.Sprintf("%s of %s free on the disk", size(uint64(l.DiskFree)), size(uint64(l.DiskTotal)))
		if c := p.forecast(l.DiskForecast); c.text != "" {
			text += ", " + c.tinted()
		}
		fmt.Fprintln(w, text)
	}
}

// What of a forecast a person should see at once, and what is too far away to say.
const (
	soon = 24 * time.Hour
	ages = 365 * 24 * time.Hour
)

// forecast says when something is full, if it fills.
func (p *statusPage) forecast(f *broker.Forecast) cell {
	if f == nil || f.Left <= 0 || f.Left > ages.Seconds() {
		return cell{}
	}
	left := time.Duration(f.Left * float64(time.Second))
	c := cell{text: "full in about " + roughly(left) + " at this rate"}
	if left < soon {
		c.tint = p.yellow
	}
	return c
}

func (i ink) fullness(percent float64) func(string) string {
	switch {
	case percent >= 95:
		return i.red
	case percent >= 80:
		return i.yellow
	}
	return nil
}

// streamName names a stream of the log by what is in it.
func streamName(s broker.Stream) string {
	names := map[broker.Stream]string{broker.Events: "events", broker.Insights: "steps and insights", broker.Dead: "dead letters",
		broker.Loops: "loops", broker.Checkpoints: "progress", broker.States: "state of analyzers"}
	if name, ok := names[s]; ok {
		return name
	}
	return string(s)
}
