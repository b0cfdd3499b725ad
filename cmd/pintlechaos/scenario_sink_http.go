package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/parts"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
	"github.com/pintle-hub/pintle/sdk"
)

// webHCL is the sink to be harmed. Its body has what the ledger notes of an event.
const webHCL = `
sink "http" "web" {
  url           = "http://%s/events"
  allow_private = true
  timeout       = "1s"
  concurrency   = 8
  body          = jsonencode({ id = event.id, key = event.key, subject = event.subject, time = event.time, text = event.text })
}
`

// webFault is one way in which an HTTP target fails. Either the wire is harmed, or the target answers otherwise; a request
// that is not answered well is not kept unless the answer says so.
type webFault struct {
	name   string
	wire   proxy.Fault
	answer func(r proxy.Request) proxy.Answer
	cause  string        // what status must say
	last   time.Duration // 0 is two seconds
	broken bool          // the sink gives up
	quiet  bool          // nothing need be seen in status
	// apart is how long no request may come after one that was answered so.
	apart time.Duration
}

// private is what a target says and nobody else may hear.
const private = "a text that must stay here"

// webFaults are all of them.
func webFaults() []webFault {
	return []webFault{
		{name: "down", wire: proxy.Fault{Refuse: true}, cause: "connection refused", last: 5 * time.Second},
		{name: "429 with Retry-After in seconds", answer: asksToWait(func() string { return "3" }), cause: "429", last: time.Second, apart: 3 * time.Second},
		{name: "reset after commit", answer: keeps(proxy.Answer{Manner: proxy.Nothing}), cause: "the connection broke"},
		{name: "500, 502, 503 and 504", answer: anyOf(500, 502, 503, 504), cause: "http 50"},
		{name: "400, 404 and 422", answer: anyOf(400, 404, 422), quiet: true, last: time.Second},
		{name: "429 with Retry-After as a date", answer: asksToWait(func() string {
			return time.Now().Add(4 * time.Second).UTC().Format(http.TimeFormat)
		}), cause: "429", last: time.Second, apart: 3 * time.Second},
		{name: "no answer", wire: proxy.Fault{Down: proxy.Flow{Blackhole: true}}, cause: "no answer in time", last: 4 * time.Second},
		{name: "half of the headers", answer: always(proxy.Answer{Manner: proxy.HalfHead}), cause: "the connection broke"},
		{name: "half of the body", answer: keeps(proxy.Answer{Manner: proxy.HalfBody}), quiet: true},
		{name: "200 and an error in the body", answer: keeps(proxy.Answer{Body: []byte(`{"error":"went wrong"}`)}), quiet: true},
		{name: "slow headers", answer: always(proxy.Answer{Manner: proxy.DripHead}), cause: "no answer in time", last: 4 * time.Second},
		{name: "slow body", answer: keeps(proxy.Answer{Manner: proxy.Drip}), quiet: true, last: 4 * time.Second},
		{name: "giant body", answer: keeps(proxy.Answer{Manner: proxy.Giant}), quiet: true},
		{name: "giant headers", answer: always(proxy.Answer{Manner: proxy.GiantHead}), cause: "the connection broke"},
		{name: "garbage", answer: always(proxy.Answer{Manner: proxy.Garbage}), cause: "the connection broke"},
		{name: "redirect elsewhere", answer: always(proxy.Answer{Status: 302, Header: map[string]string{"Location": "http://127.0.0.1:9/"}}),
			cause: "redirects elsewhere", broken: true},
		{name: "redirect in a circle", answer: always(proxy.Answer{Status: 308, Header: map[string]string{"Location": "/events"}}),
			cause: "more than 3 redirects", broken: true},
		{name: "credentials refused", answer: always(proxy.Answer{Status: 401}), cause: "credentials", broken: true},
		{name: "reset of each connection", wire: proxy.Fault{Reset: true}, cause: "the connection broke"},
		{name: "cut in the request", wire: proxy.Fault{Up: proxy.Flow{Cut: 700}}, quiet: true},
		{name: "cut in the answer", wire: proxy.Fault{Down: proxy.Flow{Cut: 30}}, cause: "the connection broke"},
		{name: "half closed", wire: proxy.Fault{Down: proxy.Flow{HalfClose: 30}}, cause: "the connection broke"},
		{name: "slow line", wire: proxy.Fault{Up: proxy.Flow{Latency: 50 * time.Millisecond, Jitter: 100 * time.Millisecond, Rate: 20_000}}, quiet: true},
		{name: "slow server", answer: keeps(proxy.Answer{Wait: 600 * time.Millisecond}), quiet: true, last: 4 * time.Second},
		{name: "down for a minute", wire: proxy.Fault{Refuse: true}, cause: "connection refused", last: time.Minute},
	}
}

func always(a proxy.Answer) func(proxy.Request) proxy.Answer {
	return func(proxy.Request) proxy.Answer { return a }
}

// keeps answers so, and keeps the request.
func keeps(a proxy.Answer) func(proxy.Request) proxy.Answer {
	a.Commit = true
	return always(a)
}

func anyOf(statuses ...int) func(proxy.Request) proxy.Answer {
	return func(r proxy.Request) proxy.Answer {
		return proxy.Answer{Status: statuses[(len(r.Key)+int(r.Key[len(r.Key)-1])+r.Number)%len(statuses)], Body: []byte(private)}
	}
}

func asksToWait(until func() string) func(proxy.Request) proxy.Answer {
	return func(proxy.Request) proxy.Answer {
		return proxy.Answer{Status: 429, Header: map[string]string{"Retry-After": until()}}
	}
}

// web is the target of the http sink behind its proxy.
type web struct {
	env    *rig.Env
	wire   *proxy.Proxy
	target *proxy.Target

	mu  sync.Mutex // guards err
	err error      // of the ledger, or of a request that is no event
}

func openWeb(e *rig.Env) (*web, error) {
	w := &web{env: e}
	var err error
	if w.target, err = proxy.Serve(nil, w.noting(keeps(proxy.Answer{Status: 201}))); err != nil {
		return nil, err
	}
	if w.wire, err = proxy.Listen(w.target.Addr()); err != nil {
		return nil, errors.Join(err, w.target.Close())
	}
	return w, nil
}

func (w *web) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.err, w.wire.Close(), w.target.Close())
}

// noting tells the ledger what the target keeps and refuses.
func (w *web) noting(decide func(proxy.Request) proxy.Answer) func(proxy.Request) proxy.Answer {
	return func(r proxy.Request) proxy.Answer {
		a := decide(r)
		switch {
		case a.Commit:
			w.note(r, ledger.Ok)
		case a.Manner == proxy.Whole && a.Status >= 400 && a.Status < 500 && a.Status != 401 && a.Status != 429:
			w.note(r, ledger.Reject)
		}
		return a
	}
}

func (w *web) note(r proxy.Request, kind ledger.Kind) {
	var body struct {
		ID, Key, Subject, Text string
		Time                   time.Time
	}
	err := json.Unmarshal(r.Body, &body)
	if err == nil && body.ID != r.Key {
		err = fmt.Errorf("a request for %s has the Idempotency-Key %q", body.ID, r.Key)
	}
	if err == nil {
		items := []ledger.Item{parts.ItemOf(&sdk.Event{ID: body.ID, Key: body.Key, Subject: body.Subject, Time: body.Time,
			Feedback: &sdk.Feedback{Text: body.Text}})}
		err = errors.Join(w.env.Ledger.Note(ledger.Record{Kind: ledger.Deliver, Who: "web", Gen: 1, Items: items}),
			w.env.Ledger.Note(ledger.Record{Kind: kind, Who: "web", Gen: 1, Items: items}))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = errors.Join(w.err, err)
}

func (w *web) downtime(f webFault) *downtime {
	o := &downtime{env: w.env, address: "sink.http.web", cause: f.cause, last: f.last, broken: f.broken, quiet: f.quiet}
	if o.last == 0 {
		o.last = 2 * time.Second
	}
	o.harm = func() error {
		if f.answer != nil {
			w.target.Decide(w.noting(f.answer))
		}
		err := w.wire.Set(f.wire)
		if f.wire.Reset {
			w.wire.Break() // the connections that are open would go on
		}
		return err
	}
	o.mend = func() error {
		w.target.Decide(w.noting(keeps(proxy.Answer{Status: 201})))
		if f.wire != (proxy.Fault{}) {
			w.wire.Break() // what was held back must not come behind what is sent now
		}
		return w.wire.Set(proxy.Fault{})
	}
	return o
}

func runWeb(ctx context.Context, e *rig.Env, cycles int) (err error) {
	w, err := openWeb(e)
	if err != nil {
		return err
	}
	defer func() { // the sink must not lose its target before it has everything
		if err == nil {
			err = e.Quiesce(ctx)
		}
		if err == nil {
			err = evidence(ctx, e, "sink.http.web", private, "http 400", "http 404", "http 422")
		}
		err = errors.Join(err, w.close())
	}()
	if err := startSink(ctx, e, fmt.Sprintf(webHCL, w.wire.Addr()), "sink.http.web"); err != nil {
		return err
	}
	faults := webFaults()
	for i := range cycles {
		f := faults[i%len(faults)]
		before := len(w.target.Times())
		if err := w.downtime(f).run(ctx, f.name); err != nil {
			return err
		}
		if err := leftAlone(f, w.target.Times()[before:]); err != nil {
			return err
		}
	}
	return nil
}

// leftAlone checks that a target which asked to be left alone was: the requests of a fault have a gap of that length.
func leftAlone(f webFault, times []time.Time) error {
	longest := time.Duration(0)
	for i := 1; i < len(times); i++ {
		longest = max(longest, times[i].Sub(times[i-1]))
	}
	if longest < f.apart-10*time.Millisecond {
		return fmt.Errorf("%s: the longest pause between requests was %s, and %s were asked for", f.name, longest, f.apart)
	}
	return nil
}
