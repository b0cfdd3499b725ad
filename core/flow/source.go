package flow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Source pumps one source's batches into the log.
type Source struct {
	Plug
	Instance wire.Instance
	Broker   *broker.Broker
	// Once asks the source to end when all there is was read.
	Once bool
	// Endless sources are read for ever: one that ends all the same, unasked, has failed.
	Endless bool
	// Cache gets the batches as they are stored.
	Cache *Cache

	total    atomic.Uint64
	first    *openSource // opened before Run, by Open
	writer   *broker.Writer
	last     sdk.Position
	finished atomic.Bool
	storing  atomic.Bool  // a batch is on its way into the log
	opened   time.Time    // when the session began
	busy     atomic.Int64 // nanoseconds from opened to when the log last kept us from listening
}

type openSource struct {
	process *host.Process
	session *wire.SourceSession
}

// Total returns how many events of the source the log has taken, ever.
func (s *Source) Total() uint64 { return s.total.Load() }

// Storing reports whether the log may hold a batch that Total does not count yet.
func (s *Source) Storing() bool { return s.storing.Load() }

// Finished reports whether a finite source was read to its end.
func (s *Source) Finished() bool { return s.finished.Load() }

// SourceSubject is where the batches of the source at address are kept.
func SourceSubject(address string) string {
	return fmt.Sprintf("%s.0.%s", broker.Events.Prefix(), Token(address))
}

// Load reads the source's position and count from the log. Called before Run and before the books are asked.
func (s *Source) Load(ctx context.Context) error {
	w, err := s.Broker.Writer(ctx, broker.Events, SourceSubject(s.Address))
	if err != nil {
		return fmt.Errorf("%s: open its place in the log: %w", s.Address, err)
	}
	if e, ok := w.Last(); ok {
		r, err := sdk.ParseRecords(e.Data)
		if err != nil {
			return &damaged{stream: broker.Events, seq: e.Seq, err: err}
		}
		s.total.Store(r.Total)
		s.last = r.Position
	}
	s.writer = w
	return nil
}

// Open starts the plugin and opens the source, which touches nothing yet. Run takes it over; a reload calls it to find out
// whether the new configuration works.
func (s *Source) Open(ctx context.Context) error {
	o, err := s.open(ctx)
	s.first = o
	return err
}

func (s *Source) open(ctx context.Context) (*openSource, error) {
	process, session, err := start(ctx, &s.Plug, func(ctx context.Context, p *host.Process) (*wire.SourceSession, error) {
		return wire.OpenSource(ctx, p.Conn(), wire.SourceOptions{Instance: s.Instance, Epoch: Epoch()})
	})
	if err != nil {
		return nil, err
	}
	return &openSource{process, session}, nil
}

// Discard ends what Open started and Run did not take.
func (s *Source) Discard() {
	if s.first != nil {
		s.first.session.Close()
		s.stop(s.first.process)
		s.first = nil
	}
}

// errFinished means that a finite source has been read to its end.
var errFinished = errors.New("the source has ended")

// errEnded means that a source has ended that should not.
var errEnded = errors.New("the source says that it has ended, although it is one without an end")

// Run pumps until ctx ends or a finite source has ended, and starts the plugin again when it fails. It returns an error only
// when going on is no use: another hub writes this source, the plugin dies again and again, or a run that is to end meets what
// only a person can mend.
func (s *Source) Run(ctx context.Context) error {
	defer s.Health.pid.Store(0)
	defer s.Discard()
	for {
		err := s.attempt(ctx)
		switch {
		case ctx.Err() != nil: // a source that was told to stop ends as one does that has read everything
			s.Health.set(StateStopped, nil)
			return nil
		case errors.Is(err, errFinished):
			s.finished.Store(true)
			s.Health.set(StateFinished, nil)
			return nil
		case errors.Is(err, broker.ErrFenced), errors.Is(err, broker.ErrDamaged):
			s.Health.set(StateBroken, err)
			return fmt.Errorf("%s: %w", s.Address, err)
		case s.Once && lasting(err):
			s.Health.set(StateBroken, err)
			return fmt.Errorf("%s: %w", s.Address, err)
		}
		if err := s.failed(ctx, err); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w", s.Address, err)
		}
		s.writer = nil // what the log has decides, not what we think it has
	}
}

// lasting reports whether err stays until a person does something. A run without an end tries again all the same: somebody may.
func lasting(err error) bool {
	switch sdk.CodeOf(err) {
	case sdk.Invalid, sdk.Denied, sdk.NotFound:
		return true
	}
	return false
}

// attempt finds out where the source stands and reads it from there until something fails.
func (s *Source) attempt(ctx context.Context) error {
	if s.writer == nil {
		if err := s.Load(ctx); err != nil {
			return err
		}
	}
	o := s.first
	s.first = nil
	if o == nil {
		var err error
		if o, err = s.open(ctx); err != nil {
			return err
		}
	}
	return s.session(ctx, o)
}

// session reads one opened source until it ends. When ctx ends it drains: what the source has emitted is still stored.
func (s *Source) session(ctx context.Context, o *openSource) error {
	s.opened = time.Now()
	s.busy.Store(0)
	s.Health.set(StateRunning, nil)
	s.Health.pid.Store(int64(o.process.Pid()))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer s.stop(o.process)
	defer o.session.Close()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	wg.Go(func() { s.watch(watching, o.process, func() time.Time { return s.seen(o.session) }) })
	if err := o.session.Start(s.last, s.Once); err != nil {
		return faultOf(o.process, err)
	}
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	undo := context.AfterFunc(ctx, func() {
		_ = o.session.Drain()
		time.AfterFunc(s.drain(), func() { cancel(); o.session.Close() })
	})
	defer undo()
	for {
		r, id, err := o.session.Next()
		if err == io.EOF { // of Next alone: a broken stream says the same to who sends
			finish(o.session.Finish)
			if s.Endless && !s.Once && ctx.Err() == nil {
				return errEnded
			}
			return errFinished
		}
		if err != nil {
			return faultOf(o.process, err)
		}
		if err := s.store(hard, r); err != nil {
			_ = o.session.Ack(id, err)
			return err
		}
		if err := o.session.Ack(id, nil); err != nil { // promise 1: only now is it durable
			return faultOf(o.process, err)
		}
	}
}

// seen returns when the source last said something, or when we last could not have heard it.
func (s *Source) seen(session *wire.SourceSession) time.Time {
	if busy := s.opened.Add(time.Duration(s.busy.Load())); busy.After(session.LastSeen()) {
		return busy
	}
	return session.LastSeen()
}

// store writes one batch with what a source must not say of itself.
func (s *Source) store(ctx context.Context, r *sdk.Records) error {
	h := r.Head
	h.Source, h.Recorded, h.Total = s.Address, time.Now().UTC(), s.total.Load()+uint64(r.Len())
	if r.Position == nil {
		h.Position = s.last
	}
	stamped := r.Stamp(h)
	s.storing.Store(true)
	var seq uint64
	waited := false
	err := persist(ctx, func() (err error) {
		seq, err = s.writer.Append(ctx, stamped.Bytes())
		s.busy.Store(int64(time.Since(s.opened)))
		return err
	}, func(err error) {
		waited = true
		s.Health.wait(s.Log, s.Address, err)
	})
	if err != nil {
		return err
	}
	if waited {
		s.Health.resume(s.Log, s.Address)
	}
	s.Cache.Put(seq, stamped)
	s.total.Store(h.Total)
	s.storing.Store(false)
	s.last = stamped.Position
	return nil
}
