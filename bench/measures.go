package main

import "fmt"

// wholeWay is the measure whose ratio is the last line, wholeWayGoal what it should reach.
const (
	wholeWay     = "whole-way"
	wholeWayGoal = 0.45
	ratioUnit    = "of the reference"
	timesUnit    = "times"
)

// condition has three parts, of which the last one looks into the encoded event; all three are evaluated for every event.
const condition = `event.a1.score < 0.5 && event.a1.topic == "delivery" && event.rating.value <= 4`

// measures lists all of them, in the order of the table.
func measures() []measure {
	return []measure{
		{name: wholeWay, doc: "whole way, 300-byte events, one reader of text", cases: wholeWayCases, rows: wholeWayRows},
		{name: "structured", doc: "structured events of 1 KB, 10 annotations, a route with three conditions",
			cases: structuredCases, rows: structuredRows},
		{name: "analyzers", doc: "five analyzers in one program, beside one", cases: analyzerCases, rows: analyzerRows},
		{name: "fan-out", doc: "four sinks, beside one", cases: fanOutCases, rows: fanOutRows},
		{name: "slow-sink", doc: "one slow sink of four, beside the three alone", cases: slowCases, rows: slowRows},
		{name: "idle", doc: "100 pipelines, 50 sources, nothing to do", rounds: 1, cases: idleCases, rows: idleRows},
		{name: "latency", doc: "latency at 1,000 events/s", cases: latencyCases, rows: latencyRows},
		{name: "backlog", doc: "a backlog of 1 M events, kill -9, start", rounds: 1, cases: restartCases, rows: restartRows},
		{name: "deep", doc: "a backlog of 10 M events, beside one of 100,000", rounds: 5, long: true, cases: deepCases,
			once: []string{"backlog-10M"}, rows: deepRows},
		{name: "route", doc: "a route's condition of three parts alone", cases: routeCases, rows: routeRows},
	}
}

func wholeWayCases(o options) []setup {
	s := setup{Source: "generate", Events: o.n, Analyzer: "words", Analyzers: 1, Sinks: 1}
	return []setup{s.as("reference", kindReference), s.as(wholeWay, kindHub)}
}

// as returns s under another name and kind.
func (s setup) as(name, kind string) setup {
	s.Name, s.Kind = name, kind
	return s
}

func wholeWayRows(r results) []Row {
	reference := r.median("reference", perSecond)
	rows := []Row{
		{Measure: "whole way, 300-byte events, one reader of text", Value: r.ratio(wholeWay, "reference", perSecond), Unit: ratioUnit,
			AtLeast: wholeWayGoal, Detail: fmt.Sprintf("CPU %s s a million events, the reference %s; hub %s MB at most",
				short(r.median(wholeWay, cpuPerMillion)), short(r.median("reference", cpuPerMillion)), short(r.median(wholeWay, hubMB)))},
		{Measure: "its speed", Value: r.median(wholeWay, perSecond), Unit: perSecond, AtLeast: 200_000,
			Detail: fmt.Sprintf("the reference %s", short(reference))},
	}
	if reference < 550_000 {
		rows[1].Unjudged = "the goal is for a machine where the reference reaches 550,000"
	}
	return rows
}

func structuredCases(o options) []setup {
	s := setup{Source: "survey", Events: o.n / 4, Analyzer: "facts", Analyzers: 1, Sinks: 1}
	hub := s.as("structured", kindHub)
	hub.When, hub.Matching = condition, matching
	return []setup{s.as("structured-reference", kindReference), hub}
}

func structuredRows(r results) []Row {
	return []Row{{Measure: "structured events of 1 KB, 10 annotations, three conditions",
		Value: r.ratio("structured", "structured-reference", perSecond), Unit: ratioUnit, AtLeast: 0.35,
		Detail: fmt.Sprintf("%s events/s, CPU %s s a million; the reference %s, %s", short(r.median("structured", perSecond)),
			short(r.median("structured", cpuPerMillion)), short(r.median("structured-reference", perSecond)),
			short(r.median("structured-reference", cpuPerMillion)))}}
}

func analyzerCases(o options) []setup {
	one := setup{Name: "analyzers-1", Kind: kindHub, Source: "generate", Events: o.n * 2 / 5, Analyzer: "words", Analyzers: 1, Sinks: 1}
	five := one
	five.Name, five.Analyzers = "analyzers-5", 5
	return []setup{one, five}
}

func analyzerRows(r results) []Row {
	return []Row{{Measure: "five analyzers in one program", Value: r.ratio("analyzers-5", "analyzers-1", cpuPerMillion),
		Unit: "times the CPU of one", AtMost: 1.6, Detail: fmt.Sprintf("%s and %s CPU s a million events",
			short(r.median("analyzers-5", cpuPerMillion)), short(r.median("analyzers-1", cpuPerMillion)))}}
}

func fanOutCases(o options) []setup {
	one := setup{Name: "fan-out-1", Kind: kindHub, Source: "generate", Events: o.n * 2 / 5, Analyzer: "words", Analyzers: 1, Sinks: 1}
	four := one
	four.Name, four.Sinks = "fan-out-4", 4
	return []setup{one, four}
}

func fanOutRows(r results) []Row {
	return []Row{
		{Measure: "fan-out to 4 sinks", Value: r.ratio("fan-out-4", "fan-out-1", cpuPerMillion), Unit: "times the CPU of one sink",
			AtMost: 1.8, Detail: fmt.Sprintf("%s and %s CPU s a million events", short(r.median("fan-out-4", cpuPerMillion)),
				short(r.median("fan-out-1", cpuPerMillion)))},
		{Measure: "the log holds each event", Value: r.median("fan-out-4", storedTimes), Unit: "times its bytes", AtMost: 1.25,
			Detail: fmt.Sprintf("with one sink %s times, counted over all that was stored", short(r.median("fan-out-1", storedTimes)))},
	}
}

func slowCases(o options) []setup {
	three := setup{Name: "slow-sink-without", Kind: kindHub, Source: "generate", Events: o.n * 2 / 5, Analyzer: "words", Analyzers: 1, Sinks: 3}
	four := three
	four.Name, four.Sinks, four.Slow = "slow-sink-with", 4, 200
	return []setup{three, four}
}

func slowRows(r results) []Row {
	return []Row{{Measure: "one slow sink of 4: the other three", Value: r.ratio("slow-sink-with", "slow-sink-without", perSecond),
		Unit: "of their speed without it", AtLeast: 0.9, Detail: fmt.Sprintf("%s and %s events/s",
			short(r.median("slow-sink-with", perSecond)), short(r.median("slow-sink-without", perSecond)))}}
}

func idleCases(o options) []setup {
	s := setup{Name: "idle", Kind: kindIdle, Pipelines: 100, Sources: 50, Window: 20}
	if o.quick {
		s.Pipelines, s.Sources, s.Window = 10, 5, 5
	}
	return []setup{s}
}

func idleRows(r results) []Row {
	return []Row{
		{Measure: "100 pipelines, 50 sources, idle: the hub's memory", Value: r.median("idle", hubMB), Unit: "MB", AtMost: 250},
		{Measure: "the hub's processor", Value: r.median("idle", hubCPU), Unit: "% of a core", AtMost: 2,
			Detail: fmt.Sprintf("all 250 plugins %s %%", short(r.median("idle", pluginsCPU)))},
		{Measure: "the largest plugin", Value: r.median("idle", pluginMB), Unit: "MB", AtMost: 30,
			Detail: fmt.Sprintf("all plugins %s MB, shared pages counted once", short(r.median("idle", pluginsMB)))},
	}
}

func latencyCases(options) []setup {
	return []setup{{Name: "latency", Kind: kindHub, Source: "clock", Events: 8000, Analyzer: "words", Analyzers: 1, Sinks: 1, Latency: true}}
}

func latencyRows(r results) []Row {
	return []Row{
		{Measure: "latency p50 at 1,000 events/s, fsync on", Value: r.median("latency", p50MS), Unit: "ms", AtMost: 5,
			Detail: fmt.Sprintf("start to first event delivered %s ms", short(r.median("latency", firstMS)))},
		{Measure: "latency p99", Value: r.median("latency", p99MS), Unit: "ms", AtMost: 25},
	}
}

func restartCases(o options) []setup {
	s := setup{Name: "restart", Kind: kindRestart, Source: "generate", Backlog: 1_000_000, Analyzer: "words", Analyzers: 1, Sinks: 1, Stuck: 3600}
	if o.quick {
		s.Backlog /= 10
	}
	s.Events = 2 * s.Backlog // it is killed long before
	return []setup{s}
}

func restartRows(r results) []Row {
	return []Row{{Measure: "1 M events in the log, kill -9, start: first event at the sink", Value: r.median("restart", firstMS), Unit: "ms",
		AtMost: 5000, Detail: fmt.Sprintf("all open after %s ms, %s events in the log", short(r.median("restart", readyMS)),
			short(r.median("restart", storedEvents)))}}
}

func deepCases(options) []setup {
	s := setup{Name: "backlog-0", Kind: kindBacklog, Source: "clock", Analyzer: "words", Analyzers: 1, Sinks: 1}
	small, deep := s, s
	small.Name, small.Backlog = "backlog-100k", 100_000
	deep.Name, deep.Backlog = "backlog-10M", 10_000_000
	return []setup{deep, s, small}
}

// deepRows compares what an event costs, start and stop of the hub taken off.
func deepRows(r results) []Row {
	empty := r.median("backlog-0", cpuSecs)
	small := (r.median("backlog-100k", cpuSecs) - empty) / 0.1
	deep := (r.median("backlog-10M", cpuSecs) - empty) / 10
	return []Row{{Measure: "a backlog of 10 M events: CPU an event", Value: deep / small, Unit: "times that of 100,000", AtMost: 1.1,
		Detail: fmt.Sprintf("%s and %s s a million; hub %s MB at most, %s events/s", short(deep), short(small),
			short(r.median("backlog-10M", hubMB)), short(r.median("backlog-10M", perSecond)))}}
}

func routeCases(options) []setup {
	return []setup{{Name: "route", Kind: kindCondition, Source: "survey", Analyzer: "facts", Analyzers: 1, Sinks: 1, When: condition}}
}

func routeRows(r results) []Row {
	return []Row{
		{Measure: "a route's condition of three parts", Value: r.median("route", evalNS), Unit: "ns", AtMost: 150, Detail: "processor time"},
		{Measure: "its allocations", Value: r.median("route", allocs), Exact: true},
	}
}
