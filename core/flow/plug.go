package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Deadlines of calls to plugins.
const (
	openTimeout = 30 * time.Second
	// finishTimeout is how long a plugin may take to close its components when all is done.
	finishTimeout = 5 * time.Second
	// defaultSilence and defaultDrain are what the fields of Plug mean when they are zero.
	defaultSilence = 20 * time.Second
	defaultDrain   = 10 * time.Second
)

// Launch starts the process of a plugin. core/hub makes it from a program and a host.
type Launch func(ctx context.Context) (*host.Process, error)

// Plug is what source pump, chain and sink pump share: how one block's plugin is started, and what is known of its health.
type Plug struct {
	// Address names the block in logs, errors and status.
	Address string
	Launch  Launch
	Log     hclog.Logger
	// WorkTimeout bounds the answer to one batch; zero means two minutes.
	WorkTimeout time.Duration
	// Silence is how long the plugin may say nothing, not even a heartbeat (it sends one every 8 s), before it is killed; zero
	// means 20 s.
	Silence time.Duration
	// Drain is how long what is on its way may take when the plugin is to stop; zero means 10 s.
	Drain  time.Duration
	Health Health

	backoff host.Backoff
	breaker host.Breaker
}

func (p *Plug) drain() time.Duration { return cmp.Or(p.Drain, defaultDrain) }

// workTimeout returns the deadline of one batch.
func (p *Plug) workTimeout() time.Duration {
	return cmp.Or(p.WorkTimeout, 2*time.Minute)
}

// Epoch returns a generation that is newer than all before, across restarts of the hub.
func Epoch() uint64 { return uint64(time.Now().UnixNano()) }

// start launches the process and opens a session on it; open is one of wire's.
func start[S any](ctx context.Context, p *Plug, open func(context.Context, *host.Process) (S, error)) (*host.Process, S, error) {
	var none S
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	process, err := p.Launch(ctx)
	if err != nil {
		return nil, none, err
	}
	s, err := open(ctx, process)
	if err != nil {
		if f := faultOf(process, err).(*fault); f.died {
			err = fmt.Errorf("plugin %s while it was opened: %w", f.exit, err)
		}
		p.stop(process)
		return nil, none, err
	}
	return process, s, nil
}

// stop ends a process, politely first.
func (p *Plug) stop(process *host.Process) {
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	if err := process.Stop(ctx); err != nil && !errors.Is(err, host.ErrKilled) {
		p.Log.Warn("plugin would not stop", "block", p.Address, "error", err)
	}
}

// finish lets a session close what the plugin has open.
func finish(f func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTimeout)
	defer cancel()
	f(ctx)
}

// within makes a call of a session that may take as long as one batch. Then, or when ctx ends, the session is ended, which
// ends the call: a plugin that does not read what it is sent must not hold us. // promise 5
func within[T any](ctx context.Context, p *Plug, s *wire.WorkSession, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, p.workTimeout())
	defer cancel()
	stop := context.AfterFunc(ctx, s.Close)
	v, err := call(ctx)
	if !stop() && errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		err = sdk.Errorf(sdk.Unavailable, "the plugin takes nothing any more, for %s: %w", p.workTimeout(), err)
	}
	return v, err
}

// errGone means that a process has ended while nothing was asked of it.
var errGone = errors.New("it had nothing to do")

// fault is a session's error together with how its process ended, if it did so by itself.
type fault struct {
	err  error
	died bool
	exit host.Exit
}

func (f *fault) Error() string {
	if f.died {
		return "plugin " + f.exit.String() + ": " + f.err.Error()
	}
	return f.err.Error()
}

func (f *fault) Unwrap() error { return f.err }

// faultOf notes whether the process has died, giving a death under way the moment it needs. Called before the hub stops the
// process itself.
func faultOf(process *host.Process, err error) error {
	f := &fault{err: err}
	select {
	case <-process.Done():
		f.died, f.exit = true, process.Exit()
	case <-time.After(50 * time.Millisecond): // the stream breaks a moment before the process is reaped
	}
	return f
}

// failed notes a failure, waits the back-off and says whether to go on. A process that died counts towards the breaker; the
// returned error is the breaker's, or ctx's.
func (p *Plug) failed(ctx context.Context, err error) error {
	p.Log.Warn("plugin failed and is started again", "block", p.Address, "error", err)
	p.Health.fail(err)
	p.Health.restart()
	var f *fault
	if !errors.As(err, &f) || !f.died {
		return p.rest(ctx, 0)
	}
	if open := p.breaker.Crash(f.exit); open != nil {
		p.Health.set(StateBroken, open)
		return open
	}
	return p.rest(ctx, f.exit.Lived)
}

// rest waits the back-off after a plugin that lived so long.
func (p *Plug) rest(ctx context.Context, lived time.Duration) error {
	delay := p.backoff.Next(lived)
	p.Health.spell.again(time.Now().Add(delay))
	return sleep(ctx, delay)
}

// watch kills the process when its session falls silent; it returns when ctx ends or the process is gone.
func (p *Plug) watch(ctx context.Context, process *host.Process, seen func() time.Time) {
	p.Health.spell.proven(seen)
	defer p.Health.spell.proven(nil)
	limit := cmp.Or(p.Silence, defaultSilence)
	silent := time.NewTimer(limit)
	defer silent.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-process.Done():
			return
		case <-silent.C:
			quiet := time.Since(seen())
			if quiet > limit {
				p.Log.Warn("plugin says nothing any more and is killed", "block", p.Address, "quiet", quiet.Round(time.Second))
				process.KillFor("it said nothing for " + quiet.Round(time.Second).String())
				return
			}
			silent.Reset(max(limit-quiet, limit/8))
		}
	}
}

// temporary reports whether the batch should simply be tried again.
func temporary(err error) bool {
	var w *wire.WorkError
	return errors.As(err, &w) && sdk.Temporary(err)
}

// State is what a block does right now, in one word.
type State string

// The states.
const (
	StateStarting State = "starting"
	StateRunning  State = "running"
	StateWaiting  State = "waiting"  // for the log, or for the sink's target; the error says why
	StateFailing  State = "failing"  // being started again
	StateBroken   State = "broken"   // given up; a person must act
	StateFinished State = "finished" // a finite source was read to its end
	StateStopped  State = "stopped"
)

// States lists all states.
func States() []State {
	return []State{StateStarting, StateRunning, StateWaiting, StateFailing, StateBroken, StateFinished, StateStopped}
}

// Health is what is known of one block, for status. Safe for concurrent use.
type Health struct {
	state    atomic.Value // State
	last     atomic.Value // string: the last error
	lastAt   atomic.Int64
	restarts atomic.Int64
	pid      atomic.Int64
	try      atomic.Int64 // the number of the next try
	tryAt    atomic.Int64

	spell spell

	said   bool      // the log has heard that the block waits; said and saidAt belong to wait and resume
	saidAt time.Time // when it last did
}

// set notes a state and returns the one before.
func (h *Health) set(s State, err error) State {
	before, _ := h.state.Swap(s).(State)
	h.spell.turn(before, s)
	if err != nil {
		h.last.Store(err.Error())
		h.lastAt.Store(time.Now().UnixNano())
	}
	return before
}

// Broken reports whether the block was given up. Its Run has returned then, or is about to.
func (h *Health) Broken() bool {
	s, _ := h.state.Load().(State)
	return s == StateBroken
}

func (h *Health) fail(err error) { h.set(StateFailing, err) }
func (h *Health) restart()       { h.restarts.Add(1) }

// again notes which try comes next, and when.
func (h *Health) again(try int, at time.Time) {
	h.try.Store(int64(try))
	h.tryAt.Store(at.UnixNano())
}

// Report is a Health at one moment.
type Report struct {
	State     State     `json:"state"`
	Error     string    `json:"error,omitempty"`
	ErrorTime time.Time `json:"error_time,omitzero"`
	Restarts  int64     `json:"restarts"`
	Pid       int64     `json:"pid,omitempty"`
	// Try is the number of the next try of what waits, zero unless a sink waits for its target. NextTry is when that is, or when
	// a plugin that failed is started again.
	Try     int64     `json:"try,omitempty"`
	NextTry time.Time `json:"next_try,omitzero"`
	// For is how many seconds the state has lasted, Waited how many the block has waited in all since the hub's start.
	For    float64 `json:"for_seconds"`
	Waited float64 `json:"waited_seconds"`
	// Quiet is how many seconds ago the plugin last said something. It does every 8 s while it lives; the state is a guess
	// when this is much more.
	Quiet float64 `json:"quiet_seconds"`
}

// Report returns what is known now.
func (h *Health) Report() Report {
	r := Report{Restarts: h.restarts.Load(), Pid: h.pid.Load(), State: StateStarting}
	if s, ok := h.state.Load().(State); ok {
		r.State = s
	}
	if e, ok := h.last.Load().(string); ok {
		r.Error, r.ErrorTime = e, time.Unix(0, h.lastAt.Load()).UTC()
	}
	if at := h.tryAt.Load(); at > 0 && r.State == StateWaiting {
		r.Try, r.NextTry = h.try.Load(), time.Unix(0, at).UTC()
	}
	h.spell.report(&r)
	return r
}
