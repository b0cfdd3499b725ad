package flow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// How a sink works.
const (
	// sinkAhead is how many batches are on their way to a sink.
	sinkAhead = 4
	// sinkWindow is how many steps behind the oldest unsettled one are worked on in any case. There are more as long as they
	// have no more events and bytes than these, so that small steps behind a key that fails do not fill the window at once.
	sinkWindow = 64
	sinkEvents = sdk.MaxEvents
	sinkBytes  = 8 << 20
)

// Sink pumps the events that a pipeline's routes selected into one sink.
type Sink struct {
	Plug
	Pipeline string
	Instance wire.Instance
	Attrs    []Attr
	Broker   *broker.Broker
	Cache    *Cache
	Books    *Books

	// Delivered and Rejected count since the hub's start; Holding is the number of events that wait to be tried again.
	Delivered, Rejected, Holding atomic.Int64

	first   *openSink // opened before Run, by Open
	letters deadLetters
	skip    map[unitKey]*marks // events above the position that are settled
	suspect unitKey            // what was on its way when the plugin died last
	search  *search
}

type openSink struct {
	process *host.Process
	session *wire.WorkSession
}

// KnownDead notes a dead letter that an earlier run has written, so that the event is not sent again. Called before Run.
func (s *Sink) KnownDead(d *DeadLetter) {
	if s.Books.Position(s.Address) < d.Step {
		s.settled(unitKey{d.Step, d.Unit}).add(d.Ordinal)
	}
}

// Succeed takes over what old had settled above its position, so that it is not sent again. Called between old's Run and
// its own.
func (s *Sink) Succeed(old *Sink) { s.skip = old.skip }

// settled returns the set of a unit's events that are settled.
func (s *Sink) settled(key unitKey) *marks {
	if s.skip == nil {
		s.skip = make(map[unitKey]*marks)
	}
	if s.skip[key] == nil {
		s.skip[key] = &marks{}
	}
	return s.skip[key]
}

// marks is a set of events by their ordinals. A nil one is empty.
type marks struct{ bits []uint64 }

func (m *marks) has(i uint32) bool {
	return m != nil && int(i/64) < len(m.bits) && m.bits[i/64]&(1<<(i%64)) != 0
}

func (m *marks) add(i uint32) {
	for int(i/64) >= len(m.bits) {
		m.bits = append(m.bits, 0)
	}
	m.bits[i/64] |= 1 << (i % 64)
}

// Open starts the plugin and opens the sink. Run takes it over; a reload calls it to find out whether the new configuration
// works.
func (s *Sink) Open(ctx context.Context) error {
	o, err := s.open(ctx)
	s.first = o
	return err
}

func (s *Sink) open(ctx context.Context) (*openSink, error) {
	process, session, err := start(ctx, &s.Plug, func(ctx context.Context, p *host.Process) (*wire.WorkSession, error) {
		return wire.OpenSink(ctx, p.Conn(), Epoch(), s.Instance)
	})
	if err != nil {
		return nil, err
	}
	return &openSink{process, session}, nil
}

// Discard ends what Open started and Run did not take.
func (s *Sink) Discard() {
	if s.first != nil {
		s.first.session.Close()
		s.stop(s.first.process)
		s.first = nil
	}
}

// errFatal means that the sink itself said that going on is no use.
var errFatal = errors.New("the sink cannot work until somebody changes its configuration or its target")

// Run pumps until ctx ends, and starts the plugin again when it fails. It returns an error only when going on is no use.
func (s *Sink) Run(ctx context.Context) error {
	s.letters = deadLetters{log: s.Broker, pipeline: s.Pipeline}
	defer s.Health.pid.Store(0)
	for {
		o := s.first
		s.first = nil
		var err error
		if o == nil {
			o, err = s.open(ctx)
		}
		if err == nil {
			err = s.session(ctx, o)
		}
		switch {
		case ctx.Err() != nil:
			s.Health.set(StateStopped, nil)
			return nil
		case errors.Is(err, errFatal), errors.Is(err, broker.ErrDamaged), s.search != nil && s.search.plan.Hopeless():
			if s.search != nil && s.search.plan.Hopeless() {
				err = fmt.Errorf("it fails on every event, so the sink is at fault and not an event: %w", err)
			}
			s.Health.set(StateBroken, err)
			return fmt.Errorf("%s: %w", s.Address, err)
		}
		if s.search != nil { // its deaths are expected, and bounded
			s.Log.Warn("sink fails on some event, which is searched for", "block", s.Address, "error", err)
			continue
		}
		if err := s.failed(ctx, err); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", s.Address, err)
		}
	}
}

// session works with one opened sink until it fails or ctx ends.
func (s *Sink) session(ctx context.Context, o *openSink) error {
	s.Health.set(StateRunning, nil)
	s.Health.pid.Store(int64(o.process.Pid()))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer s.stop(o.process)
	defer o.session.Close()
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stopped := context.AfterFunc(ctx, func() { time.AfterFunc(s.drain(), cancel) })
	defer stopped()
	wg.Go(func() { s.watch(inner, o.process, o.session.LastSeen) })
	reader, err := s.Broker.Read(ctx, broker.ReadOptions{Stream: broker.Insights, Subjects: []string{StepSubject(s.Pipeline)},
		From: s.Books.Position(s.Address) + 1})
	if err != nil {
		return err
	}
	defer reader.Close()
	entries := make(chan broker.Entry)
	fed := make(chan error, 1)
	wg.Go(func() { fed <- feed(inner, reader, entries) })
	p := &pump{Sink: s, out: o, holds: make(map[string]*hold), ahead: sinkAhead}
	if s.suspect != (unitKey{}) || s.search != nil {
		p.ahead = 1 // find out which batch it is
	}
	err = p.run(ctx, inner, steps{entries, fed})
	switch {
	case err == nil:
		finish(o.session.Finish)
	case ctx.Err() == nil:
		p.blame(err)
		err = faultOf(o.process, err)
	}
	return err
}

// delivery is one step as far as this sink is concerned.
type delivery struct {
	seq  uint64
	step *Step
	open int // events that are not settled
	load load
}

// load is what part of a window costs: events for this sink, and bytes that are kept for them.
type load struct{ events, bytes int }

// job is a batch for the sink: some events of one unit of a delivery.
type job struct {
	*delivery
	unit    uint32
	records *sdk.Records
	added   []*sdk.Added
	events  []uint32
	done    *marks // what is settled of the unit
	again   bool   // its keys are held
	pending *wire.Pending
}

func (j *job) key() unitKey { return unitKey{j.seq, j.unit} }

// part returns a job of some of j's events.
func (j *job) part(events []uint32) *job {
	p := *j
	p.events, p.pending = events, nil
	return &p
}
