package rig

import (
	"context"
	"errors"
	"fmt"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// Plugin is the block that makes this program's own plugins known: source "offer" and "call", analyzer "tally", sinks "take" and
// "takekey". Put it in front of a configuration of your own.
const Plugin = `
plugin "chaos" {
  path = "{self}"
  args = ["plugin"]
}
`

// standard is a configuration with everything in it: pipeline p takes what source a offers, which can be read again, counts it
// by key, and gives all to the sinks one (which sees repeats) and two (which knows them), what is marked to three, and
// insights to four. Pipeline q takes what b is called with and gives it to five. %s stand for more settings, and the rates.
const standard = `
pintle {
  data_dir = "./data"
  %s
}
source "offer" "a" {
  ledger = "{ledger}"
  name   = "a"
  rate   = %d
}
source "call" "b" {
  ledger = "{ledger}"
  name   = "b"
  rate   = %d
}
analyzer "tally" "t" {
  ledger = "{ledger}"
  every  = 20
}
sink "take" "one" {
  ledger = "{ledger}"
  name   = "one"
  note   = event.t.n
}
sink "takekey" "two" {
  ledger = "{ledger}"
  name   = "two"
  note   = event.t.n
}
sink "take" "three" {
  ledger = "{ledger}"
  name   = "three"
  note   = event.t.n
}
sink "take" "four" {
  ledger = "{ledger}"
  name   = "four"
}
sink "take" "five" {
  ledger = "{ledger}"
  name   = "five"
}
pipeline "p" {
  from    = [source.offer.a]
  through = [analyzer.tally.t]
  route "all" {
    to = [sink.take.one, sink.takekey.two]
  }
  route "marked" {
    when = event.subject == "marked"
    to   = [sink.take.three]
  }
  route "insights" {
    on = insight
    to = [sink.take.four]
  }
}
pipeline "q" {
  from = [source.call.b]
  route "all" {
    to = [sink.take.five]
  }
}
`

// Window is how many events one fault may bring to a sink again, in configurations that say nothing else: those that a sink may
// have unsettled, 4096 where steps are small, and one more step of 30 events.
const Window = 4096 + 30

// StandardOptions bend Standard.
type StandardOptions struct {
	// Settings are more lines for the block pintle { }.
	Settings string
	// Rate is how many events a second each of the sources offers; 0 means 400.
	Rate int
}

// Standard configures the first hub with one of everything (see standard.go) and tells the checkers what is owed to whom.
func (e *Env) Standard(o StandardOptions) error {
	if o.Rate == 0 {
		o.Rate = 400
	}
	return errors.Join(e.Configure(Plugin+fmt.Sprintf(standard, o.Settings, o.Rate, o.Rate)), e.StandardRoutes())
}

// StandardRoutes tells the checkers what Standard's routes owe to whom.
func (e *Env) StandardRoutes() error {
	e.Pipelines = map[string][]string{"p": {"a"}, "q": {"b"}}
	return errors.Join(
		e.Route("a", ledger.Route{Sinks: []string{"one", "two"}, Window: Window, Counted: true}),
		e.RouteAlso("a", ledger.Route{Sinks: []string{"three"}, Mark: "marked", Window: Window, Counted: true}),
		e.Insights(20, ledger.Route{Sinks: []string{"four"}, Window: Window}),
		e.Route("b", ledger.Route{Sinks: []string{"five"}, Window: Window}))
}

// StartStandard configures, starts, and returns when events arrive.
func (e *Env) StartStandard(ctx context.Context, o StandardOptions) error {
	if err := e.Standard(o); err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	return e.AwaitFlow(ctx, "one")
}
