package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func sinkScenarios() []Scenario {
	return []Scenario{
		{Name: "http", Doc: "the target of an http sink fails in every way it can, and others go on meanwhile", Short: 3, Full: len(webFaults()),
			Run: runWeb, Settled: true},
		{Name: "sql", Doc: "the database of an sql sink fails in every way it can, and others go on meanwhile", Short: 2, Full: len(tableFaults()),
			Run: runTable, Settled: true},
		{Name: "sinks", Doc: "four sinks lose one target and come back one by one, beside one whose target has an expired certificate", Short: 0, Full: 4,
			Run: runMany, Settled: true},
	}
}

// sinkRate is how many events a second the source of the sink scenarios offers.
const sinkRate = 200

// sinkHCL is a pipeline to a sink that is never harmed and one that is. %s is the block of the latter.
const sinkHCL = rig.Plugin + `
pintle {
  data_dir = "./data"
}
source "offer" "a" {
  ledger = "{ledger}"
  name   = "a"
  rate   = %d
  chunk  = 30
  keys   = 200
}
sink "take" "one" {
  ledger = "{ledger}"
  name   = "one"
}
%s
pipeline "p" {
  from = [source.offer.a]
  route "all" {
    to = [sink.take.one, %s]
  }
}
`

// startSink starts the hub with a sink to be harmed.
func startSink(ctx context.Context, e *rig.Env, block, address string) error {
	e.Pipelines = map[string][]string{"p": {"a"}}
	name := address[strings.LastIndexByte(address, '.')+1:]
	return errors.Join(
		e.Configure(fmt.Sprintf(sinkHCL, sinkRate, block, address)),
		e.Route("a", ledger.Route{Sinks: []string{"one"}, Window: rig.Window}),
		e.RouteAlso("a", ledger.Route{Sinks: []string{name}, Window: rig.Window}),
		e.Start(ctx))
}

// downtime is one fault of a target, from when it is noticed to when all that waited is delivered.
type downtime struct {
	env     *rig.Env
	address string        // of the sink
	cause   string        // what status must say, at least once
	last    time.Duration // how long the fault lasts
	// harm begins the fault and mend ends it.
	harm, mend func() error
	// broken says that the sink gives up and has to be started again by a reload.
	broken bool
	// quiet says that nothing need be seen in status: the sink copes.
	quiet bool
}

func (o *downtime) name() string { return o.address[strings.LastIndexByte(o.address, '.')+1:] }

// run harms the target, looks at what the hub says of it and that the other sink goes on, mends, and measures the return.
func (o *downtime) run(ctx context.Context, what string) error {
	e := o.env
	if err := errors.Join(o.flows(ctx), e.Fault("sink."+o.name(), what, 0), o.harm()); err != nil {
		return err
	}
	began := time.Now()
	if err := o.noticed(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil {
		return fmt.Errorf("%s of %s stops another sink: %w", what, o.name(), err)
	}
	if err := e.Sleep(ctx, o.last-time.Since(began)); err != nil {
		return err
	}
	return o.back(ctx, what)
}

// flows returns when the sink has delivered something since the call.
func (o *downtime) flows(ctx context.Context) error {
	before := int64(-1)
	return o.env.Await(ctx, 15*time.Second, "events to go to "+o.name(), func() error {
		s, err := o.env.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		now := delivered(s, o.address)
		if before < 0 || now < before {
			before = now
		}
		if now == before {
			return errors.New("none does")
		}
		return nil
	})
}

func delivered(s hub.Status, address string) int64 {
	for _, p := range s.Pipelines {
		for _, k := range p.Sinks {
			if k.Address == address {
				return k.Delivered
			}
		}
	}
	return 0
}

// noticed waits until status says what is wrong, and when the next try is.
func (o *downtime) noticed(ctx context.Context) error {
	if o.quiet {
		return nil
	}
	return o.env.Await(ctx, 15*time.Second, "status to say why", func() error {
		s, err := o.env.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		r := rig.Blocks(s)[o.address]
		switch {
		case !strings.Contains(r.Error, o.cause):
			return fmt.Errorf("%s is %s: %q, want %q", o.address, r.State, r.Error, o.cause)
		case o.broken && r.State != flow.StateBroken, !o.broken && r.State != flow.StateWaiting:
			return fmt.Errorf("%s is %s", o.address, r.State)
		case !o.broken && (r.Try < 2 || r.NextTry.IsZero()):
			return fmt.Errorf("status does not say when the next try is: %+v", r)
		}
		return nil
	})
}

// back mends the target and waits until nothing waits for it any more, with the source offering on.
func (o *downtime) back(ctx context.Context, what string) error {
	e := o.env
	if err := errors.Join(o.mend(), e.Heal("sink."+o.name(), what)); err != nil {
		return err
	}
	if o.broken {
		if _, err := e.Hub0.Reload(ctx); err != nil {
			return err
		}
	}
	before, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	mended, first, after := time.Now(), time.Time{}, before
	err = e.Await(ctx, 60*time.Second, "the backlog to be delivered", func() error {
		if after, err = e.Hub0.Status(ctx); err != nil {
			return err
		}
		if first.IsZero() && after.Books.Delivered > before.Books.Delivered {
			first = time.Now()
		}
		if n := after.Books.InFlight; n > sinkRate/3 || first.IsZero() {
			return fmt.Errorf("%d events wait", n)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("after %s: %w\n%s", what, err, e.Hub0.Tail(5))
	}
	return o.judge(what, first.Sub(mended), time.Since(first), settledIn(after)-settledIn(before))
}

func settledIn(s hub.Status) uint64 { return s.Books.Delivered + s.Books.Dead }

// judge says how the sink came back: the backlog must be worked off at twice the rate of what comes in meanwhile, at least.
func (o *downtime) judge(what string, pause, drain time.Duration, events uint64) error {
	rate := float64(events) / max(drain.Seconds(), 0.001)
	o.env.Say("%s: first event %s after the return, then %d in %s, %.1f times the rate of the source", what, pause.Round(time.Millisecond),
		events, drain.Round(time.Millisecond), rate/sinkRate)
	if drain > time.Second && rate*o.env.Slack < 2*sinkRate {
		return fmt.Errorf("after %s the backlog went at %.0f events/s, want twice the %d that came in", what, rate, sinkRate)
	}
	if pause.Seconds() > 7*o.env.Slack {
		return fmt.Errorf("after %s it took %s until the first event, want at most 5 s and a moment", what, pause)
	}
	return nil
}

// evidence checks that each dead letter of a sink has the code that the target gave, one of those that begin so, and none of
// what it said.
func evidence(ctx context.Context, e *rig.Env, address, secret string, codes ...string) error {
	dead, err := e.Hub0.Client().DeadLetters(ctx)
	if err != nil {
		return err
	}
	for _, d := range dead {
		known := slices.ContainsFunc(codes, func(c string) bool { return strings.HasPrefix(d.Code, c) })
		if d.At != address || !known || d.Attempts < 1 || strings.Contains(d.Reason+d.Field, secret) {
			return fmt.Errorf("a dead letter of %s at %s has the code %q after %d attempts: %q", d.Event, d.At, d.Code, d.Attempts, d.Reason)
		}
	}
	e.Say("%d dead letters, each with the code of the target", len(dead))
	return nil
}
