// Package rig runs the real hub in a folder of its own, harms it and writes down what happened. A scenario gets an Env and
// says what to do; the checkers judge afterwards. Its one promise: what it started is gone when Close returns.
package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// Options say where and with what an Env works.
type Options struct {
	// Dir is the folder of the history, the configuration, the data and the logs. It is made when it is not there.
	Dir string
	// Hub is the program under test (go build ./cmd/pintle), Self this program (pintlechaos), which is ledger and plugins too.
	// Both are absolute.
	Hub, Self string
	// Switched is the hub with switches in it (see package mutant), where a scenario uses them; NATS a server program for
	// StartLogServer, which builds one otherwise. Both may be empty.
	Switched, NATS string
	// Seed makes the Env's random numbers.
	Seed uint64
	// Slack multiplies every limit of time, for slow or busy machines; 0 means 1.
	Slack float64
	// Quiet is how long Quiesce waits for everything to come to rest, before Slack; 0 means a minute.
	Quiet time.Duration
	// Log hears in a few words what happens. Nil means nobody.
	Log io.Writer
}

// Env is one fault run: a ledger, a hub and what is done to them. A scenario uses it from one goroutine; Status, Client, Fault
// and the ledger may be used from others.
type Env struct {
	Options
	// Rand is all the randomness a scenario may use, so that the same seed does the same things.
	Rand *rand.Rand
	// Ledger is the connection to the ledger process; see package ledger for what can be noted and asked.
	Ledger *ledger.Client
	// Hub0 is the hub that the short forms (Start, Kill, ...) mean. More can be made with NewHub.
	Hub0 *Hub
	// Pipelines are the sources (by name) of each pipeline, for the check of the books. Standard sets it.
	Pipelines map[string][]string

	sockets string // a short path, for sockets and run folders
	server  *exec.Cmd
	stdin   io.Closer
	hubs    []*Hub
	servers []*LogServer
	spawn   *spawner
}

// Open makes the folder and starts the ledger. The hub is started by Start, after Configure.
func Open(ctx context.Context, o Options) (*Env, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir, o.Slack, o.Log = dir, cmp.Or(o.Slack, 1), cmp.Or[io.Writer](o.Log, io.Discard)
	if err := os.MkdirAll(filepath.Join(dir, "hub"), 0o700); err != nil {
		return nil, err
	}
	e := &Env{Options: o, Rand: NewRand(o.Seed), spawn: newSpawner(), Pipelines: map[string][]string{}}
	if e.sockets, err = os.MkdirTemp("", "pc"); err != nil {
		return nil, err
	}
	if err := e.startLedger(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(e.sockets))
	}
	e.Hub0 = e.NewHub("hub", filepath.Join(dir, "hub"))
	return e, nil
}

// NewRand returns the random numbers of a seed.
func NewRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// Socket is where the ledger listens: the value of the attribute ledger of this program's plugins.
func (e *Env) Socket() string { return filepath.Join(e.sockets, "ledger") }

func (e *Env) startLedger(ctx context.Context) (err error) {
	log, err := os.OpenFile(filepath.Join(e.Dir, "ledger.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	e.server = exec.Command(e.Self, "ledger", e.Dir, e.Socket())
	e.server.Stderr = log
	if e.stdin, err = e.server.StdinPipe(); err != nil { // it ends with us
		return err
	}
	if err := e.server.Start(); err != nil {
		return fmt.Errorf("start the ledger: %w", err)
	}
	return e.Await(ctx, 10*time.Second, "the ledger", func() (err error) {
		e.Ledger, err = ledger.Dial(e.Socket())
		return err
	})
}

// Configure writes hub.hcl of the first hub. {ledger}, {self} and {dir} in it are replaced by the ledger's socket, this
// program's path and the folder of the configuration. Standard is such a configuration. It does not reload; see Reload.
func (e *Env) Configure(hcl string) error { return e.Hub0.Configure(hcl) }

// Route tells the checkers that from here on what the source (by name) offers is owed to these sinks. It forgets the
// routes the source had; RouteAlso adds to them.
func (e *Env) Route(source string, r ledger.Route) error {
	return e.Ledger.Note(ledger.Record{Kind: ledger.Routed, Who: source, Text: ledger.First, Route: &r})
}

// RouteAlso adds a route to those that Route began.
func (e *Env) RouteAlso(source string, r ledger.Route) error {
	return e.Ledger.Note(ledger.Record{Kind: ledger.Routed, Who: source, Route: &r})
}

// Insights tells the checkers that every so many events of a key make one insight, which goes to these sinks.
func (e *Env) Insights(every int, r ledger.Route) error {
	return e.Ledger.Note(ledger.Record{Kind: ledger.Routed, Who: check.Insights, Text: ledger.First, Number: uint64(every), Route: &r})
}

// Flow lets all sources offer up to number n each; 0 means without end. Sources flow without end from the start.
func (e *Env) Flow(n uint64) error {
	if n == 0 {
		n = math.MaxUint64
	}
	return e.Ledger.Flow(n)
}

// Start starts the first hub and waits until it is ready.
func (e *Env) Start(ctx context.Context) error {
	if err := e.Hub0.Start(); err != nil {
		return err
	}
	return e.Hub0.AwaitReady(ctx)
}

// Say writes a line for who watches, and into the history.
func (e *Env) Say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintln(e.Log, "   ", text)
	_ = e.Ledger.Note(ledger.Record{Kind: ledger.Note, Text: text})
}

// Await asks cond again and again until it returns nil, at most for limit times Slack. Then its last error comes back.
func (e *Env) Await(ctx context.Context, limit time.Duration, what string, cond func() error) error {
	limit = time.Duration(float64(limit) * e.Slack)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	for {
		err := cond()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w: %w", what, context.Cause(ctx), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Verdict judges the history so far. Call it after Quiesce, or what is missing is unknown.
func (e *Env) Verdict() (check.Report, error) {
	return check.Dir(e.Dir, check.Options{Slack: e.Slack})
}

// Close stops the hubs and the ledger, notes what outlived them, and removes the sockets. The folder stays.
func (e *Env) Close() error {
	var errs []error
	for _, h := range e.hubs {
		h.Kill()
	}
	for _, s := range e.servers {
		s.Kill()
	}
	for _, o := range e.leftOver() {
		errs = append(errs, e.Ledger.Note(ledger.Record{Kind: ledger.Orphan, Number: uint64(o.Pid), Text: o.Command}))
		kill(o.Pid)
	}
	if e.Ledger != nil {
		errs = append(errs, e.Ledger.Close())
	}
	_ = e.stdin.Close()
	_ = e.server.Wait()
	e.spawn.close()
	return errors.Join(append(errs, os.RemoveAll(e.sockets))...)
}

// leftOver returns what has not ended by itself two seconds after the hubs.
func (e *Env) leftOver() (left []Proc) {
	_ = e.Await(context.Background(), 2*time.Second, "all processes to end", func() (err error) {
		if left, err = e.Orphans(); err == nil && len(left) > 0 {
			err = errors.New("some are left")
		}
		return err
	})
	return left
}

// fill puts this run's places into a configuration.
func (e *Env) fill(hcl, dir string) string {
	return strings.NewReplacer("{ledger}", e.Socket(), "{self}", e.Self, "{dir}", dir).Replace(hcl)
}
