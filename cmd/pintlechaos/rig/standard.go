package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

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
// insights to four. Pipeline q takes what b is called with and gives it to five.
const standard = `
pintle {
  data_dir = "./data"
  <settings>
}
source "offer" "a" {
  ledger = "{ledger}"
  name   = "a"
  rate   = <rate>
  chunk  = <chunk>
}
source "call" "b" {
  ledger = "{ledger}"
  name   = "b"
  rate   = <rate>
}
analyzer "tally" "t" {
  ledger = "{ledger}"
  every  = 20
  drop   = <drop>
}
sink "take" "one" {
  ledger = "{ledger}"
  name   = "one"
  note   = event.t.n
  delay  = "<delay>"
  retry  = <retry>
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
  reject = <reject>
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
	// Rate is how many events a second each of the sources offers; 0 means 400, -1 as many as go.
	Rate int
	// Chunk is how many events a hands over at once; 0 means 10.
	Chunk int
	// Delay is how long each write of sink one takes.
	Delay time.Duration
	// Drop lets the analyzer take out each so many events of a key; Reject lets sink five refuse, and Retry sink one postpone,
	// the events whose number is a multiple. 0 means none.
	Drop, Reject, Retry int
}

// HCL returns the standard configuration, for Configure. Scenarios that reload write it again with other options.
func (o StandardOptions) HCL() string {
	rate := max(cmp.Or(o.Rate, 400), 0)
	return Plugin + strings.NewReplacer("<settings>", o.Settings, "<rate>", strconv.Itoa(rate), "<chunk>", strconv.Itoa(cmp.Or(o.Chunk, 10)),
		"<delay>", o.Delay.String(), "<drop>", strconv.Itoa(o.Drop), "<reject>", strconv.Itoa(o.Reject), "<retry>", strconv.Itoa(o.Retry)).Replace(standard)
}

// window is Window, or what 64 steps of larger chunks hold: the hub may join up to three of them while it is busy.
func (o StandardOptions) window() int { return max(Window, 64*3*o.Chunk) }

// Standard configures the first hub with one of everything (see standard.go) and tells the checkers what is owed to whom.
func (e *Env) Standard(o StandardOptions) error {
	return errors.Join(e.Configure(o.HCL()), e.StandardRoutes(o))
}

// StandardRoutes tells the checkers what Standard's routes owe to whom.
func (e *Env) StandardRoutes(o StandardOptions) error {
	e.Pipelines = map[string][]string{"p": {"a"}, "q": {"b"}}
	w := o.window()
	return errors.Join(
		e.Route("a", ledger.Route{Sinks: []string{"one", "two"}, Window: w, Counted: true}),
		e.RouteAlso("a", ledger.Route{Sinks: []string{"three"}, Mark: "marked", Window: w, Counted: true}),
		e.Insights(20, ledger.Route{Sinks: []string{"four"}, Window: w}),
		e.Route("b", ledger.Route{Sinks: []string{"five"}, Window: w}))
}

// StartStandard configures, starts, and returns when events arrive.
func (e *Env) StartStandard(ctx context.Context, o StandardOptions) error {
	if err := e.Standard(o); err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil {
		return fmt.Errorf("%w\n%s", err, e.Hub0.Tail(20))
	}
	return nil
}
