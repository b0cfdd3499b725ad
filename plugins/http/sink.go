package httpsink

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
	"golang.org/x/sync/errgroup"
)

// workTime is how long a batch is worked on before the rest of it is given back: the hub waits for an answer no longer than
// two minutes.
const workTime = 45 * time.Second

// longestWait is how long the target may forbid all requests, at most.
const longestWait = time.Hour

// sink sends the events of a batch, several at a time.
type sink struct {
	config Config
	client *client
	wait   time.Time // the target wants to be left alone until then; set between batches
}

func open(_ context.Context, c Config) (sdk.Sink, error) { return openGuarded(c, refusePrivate) }

// openGuarded opens a sink that connects only to what guard lets through.
func openGuarded(c Config, guard control) (sdk.Sink, error) {
	client, err := newClient(c, guard)
	if err != nil {
		return nil, err
	}
	return &sink{config: c, client: client}, nil
}

// Close gives up the connections that are kept for the next request.
func (s *sink) Close() error {
	s.client.transport.CloseIdleConnections()
	return nil
}

// Write sends each event and answers for it by the status of the target. It returns nil or the results, never an error.
func (s *sink) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	b := &batch{sink: s, results: in.Results(), messages: make([]message, in.Len()), until: time.Now().Add(workTime)}
	if left := time.Until(s.wait); left > 0 {
		b.halt(sdk.RetryAfter(left, "the target has asked to wait"))
	}
	var g errgroup.Group
	g.SetLimit(s.config.Concurrency)
	for _, events := range b.byKey(in) {
		g.Go(func() error {
			b.sendAll(ctx, events)
			return nil
		})
	}
	err := g.Wait()
	if r := b.halted.Load(); r != nil && r.Outcome == sdk.Retry && r.After > 0 {
		s.wait = time.Now().Add(min(r.After, longestWait))
	}
	return b.results, err
}

// batch is one batch under way. Each worker writes the results of its own events.
type batch struct {
	sink     *sink
	messages []message
	results  []sdk.Result
	until    time.Time
	halted   atomic.Pointer[sdk.Result] // why no further event is sent, and the answer for the rest
	broken   atomic.Int64               // requests without an answer since the last answer
}

// byKey makes the messages and returns the events to send, in rows of one key each.
func (b *batch) byKey(in *sdk.Batch) [][]int {
	rows := make(map[string]int)
	var out [][]int
	for i := range b.messages {
		e := in.Event(i)
		m, bad := b.sink.message(in, i)
		if bad != nil {
			b.results[i] = *bad
			continue
		}
		b.messages[i] = m
		row, ok := rows[e.Key]
		if !ok {
			row = len(out)
			rows[e.Key] = row
			out = append(out, nil)
		}
		out[row] = append(out[row], i)
	}
	return out
}

// message makes the request of event i, or says why there is none.
func (s *sink) message(in *sdk.Batch, i int) (message, *sdk.Result) {
	e := in.Event(i)
	m := message{id: messageID(e)}
	if s.config.Body.IsSet() {
		v := in.Attr(i, s.config.Body)
		if v.IsNull() {
			r := sdk.RejectWith("no body", "body", "body is null for this event; give it a value, or leave such events out with the route's when")
			return m, &r
		}
		m.body = []byte(v.Text())
		return m, nil
	}
	body, err := cloudevent.Marshal(e)
	if err != nil {
		r := sdk.RejectWith("not json", "data", err.Error())
		return m, &r
	}
	m.body = body
	return m, nil
}

// sendAll sends events of one key, one after the other. When one must be tried again, those behind it wait, for its reason: the
// hub shows the reason that it heard last.
func (b *batch) sendAll(ctx context.Context, events []int) {
	var wait *sdk.Result
	for _, i := range events {
		if wait == nil {
			wait = b.stop(ctx)
		}
		if wait != nil {
			b.results[i] = *wait
			continue
		}
		b.results[i] = b.send(ctx, b.messages[i])
		if b.results[i].Outcome == sdk.Retry {
			wait = &b.results[i]
		}
	}
}

// stop returns the answer for an event that is not to be sent now, or nil.
func (b *batch) stop(ctx context.Context) *sdk.Result {
	if r := b.halted.Load(); r != nil {
		return r
	}
	if ctx.Err() != nil || time.Now().After(b.until) {
		r := sdk.RetryAfter(time.Millisecond, "not sent yet: the target is slow")
		return &r
	}
	return nil
}

// send sends one event, and halts the batch when there is no sense in sending more.
func (b *batch) send(ctx context.Context, m message) sdk.Result {
	a, err := b.sink.client.send(ctx, m)
	if err != nil {
		r := failure(err)
		// One event may break the connection by what it holds; several in a row mean that the target is down.
		if n := b.broken.Add(1); r.Outcome == sdk.Fatal || n > int64(2*b.sink.config.Concurrency) {
			b.halt(r)
		}
		return r
	}
	b.broken.Store(0)
	r, throttled := verdict(a, time.Now())
	if throttled || r.Outcome == sdk.Fatal {
		b.halt(r)
	}
	return r
}

func (b *batch) halt(r sdk.Result) { b.halted.CompareAndSwap(nil, &r) }
