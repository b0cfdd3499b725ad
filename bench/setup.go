package main

import (
	"strings"
	"text/template"
)

// setup says what one case runs. The program hands it to itself as JSON.
type setup struct {
	// Name is the case's name in reports, Kind what serveCase runs: one of the kinds.
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Events is how many events come, Source the type of the source that makes them.
	Events int    `json:"events"`
	Source string `json:"source,omitempty"`
	// Analyzer is the type of the analyzers and Analyzers their number; Sinks is the number of sinks.
	Analyzer  string `json:"analyzer,omitempty"`
	Analyzers int    `json:"analyzers,omitempty"`
	Sinks     int    `json:"sinks,omitempty"`
	// When is the condition of the route, Matching how many of each 16 events meet it (0: all).
	When     string `json:"when,omitempty"`
	Matching int    `json:"matching,omitempty"`
	// Slow makes the last sink pause for so many milliseconds a batch.
	Slow int `json:"slow,omitempty"`
	// Backlog is how many events the log holds before the start. Stuck makes the sinks pause so long, in seconds, that they take
	// nothing.
	Backlog int `json:"backlog,omitempty"`
	Stuck   int `json:"stuck,omitempty"`
	// Latency makes the sinks measure each event's age.
	Latency bool `json:"latency,omitempty"`
	// Pipelines and Sources are the numbers of the idle case, Window how many seconds it watches.
	Pipelines int `json:"pipelines,omitempty"`
	Sources   int `json:"sources,omitempty"`
	Window    int `json:"window,omitempty"`
	// Dir is the folder to work in; empty means a new one.
	Dir string `json:"dir,omitempty"`
	// Profile is where to write the processor profile of the case's own process, the hub; empty means nowhere.
	Profile string `json:"profile,omitempty"`
}

// The kinds of cases.
const (
	kindReference = "reference" // three gRPC hops, no log
	kindHub       = "hub"       // the whole way
	kindIdle      = "idle"      // many pipelines that have nothing to do
	kindRestart   = "restart"   // a backlog, kill -9, start
	kindStuck     = "stuck"     // a hub whose sink takes nothing; restart starts and kills it
	kindBacklog   = "backlog"   // a backlog worked off
	kindFill      = "fill"      // writes a backlog; backlog starts it
	kindCondition = "condition" // a route's condition alone
)

// delivered returns how many events each sink gets.
func (s *setup) delivered() int {
	if s.Matching == 0 {
		return s.Events + s.Backlog
	}
	return s.Events/16*s.Matching + min(s.Events%16, s.Matching)
}

// numbers returns 1 to n, for templates.
func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

// measuredFile is where sink number i writes what it measured, in the folder of the configuration.
func measuredFile(i int) string { return "measured-" + string(rune('0'+i)) + ".json" }

const hubConfig = `
pintle {
  data_dir  = "./data"
  log_level = "warn"
}
source "{{.Source}}" "s" {
  count = {{.Events}}
}
{{- range numbers .Analyzers}}
analyzer "{{$.Analyzer}}" "a{{.}}" {}
{{- end}}
{{- range numbers .Sinks}}
sink "meter" "m{{.}}" {
  file    = "{{measuredFile .}}"
  latency = {{$.Latency}}
  expect  = {{$.Expect}}
  {{- if and $.Slow (eq . $.Sinks)}}
  pause   = "{{$.Slow}}ms"
  {{- end}}
  {{- if $.Stuck}}
  pause   = "{{$.Stuck}}s"
  {{- end}}
}
{{- end}}
pipeline "p" {
  from    = [source.{{.Source}}.s]
  through = [{{range numbers .Analyzers}}analyzer.{{$.Analyzer}}.a{{.}}, {{end}}]
  route "all" {
    {{- if .When}}
    when = {{.When}}
    {{- end}}
    to = [{{range numbers .Sinks}}sink.meter.m{{.}}, {{end}}]
  }
}
`

const idleConfig = `
pintle {
  data_dir  = "./data"
  log_level = "warn"
}
{{- range numbers .Sources}}
source "quiet" "s{{.}}" {}
{{- end}}
{{- range numbers .Pipelines}}
analyzer "words" "a{{.}}" {}
sink "meter" "m{{.}}" {
  file = "measured.json"
}
pipeline "p{{.}}" {
  from    = [source.quiet.s{{source .}}]
  through = [analyzer.words.a{{.}}]
  route "all" {
    to = [sink.meter.m{{.}}]
  }
}
{{- end}}
`

// config returns the configuration of a case that runs a hub.
func (s *setup) config() (string, error) {
	text := hubConfig
	if s.Kind == kindIdle {
		text = idleConfig
	}
	t, err := template.New("config").Funcs(template.FuncMap{
		"numbers": numbers, "measuredFile": measuredFile,
		"source": func(pipeline int) int { return (pipeline-1)%s.Sources + 1 },
	}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, struct {
		*setup
		Expect int
	}{s, s.delivered()})
	return b.String(), err
}
