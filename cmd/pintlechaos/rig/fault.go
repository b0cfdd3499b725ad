package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/core/flow"
)

// Limits of recovery: promise 8, and the like for plugins.
const (
	HubLimit    = 5 * time.Second
	PluginLimit = 2 * time.Second
)

// Fault notes that something is done to who: "hub", "source.NAME", "analyzer", "sink.NAME", "all" or a word of your own; text
// says what ("kill -9"), and reports count by it. A fault of the hub, of all, of a source or of the sink itself excuses
// repeats at a sink. When who must work again within limit, note it with Up or a function that does; 0 means any time.
func (e *Env) Fault(who, text string, limit time.Duration) error {
	return e.Ledger.Note(ledger.Record{Kind: ledger.Fault, Who: who, Text: text, Limit: limit.Milliseconds()})
}

// Heal notes that a fault which lasts is over.
func (e *Env) Heal(who, text string) error {
	return e.Ledger.Note(ledger.Record{Kind: ledger.Heal, Who: who, Text: text})
}

// Up notes that who works again.
func (e *Env) Up(who string) error { return e.Ledger.Note(ledger.Record{Kind: ledger.Up, Who: who}) }

// KillHub kills the first hub, starts it again and, when wait is set, returns when it is ready.
func (e *Env) KillHub(ctx context.Context, wait bool) error {
	if err := e.Fault("hub", "kill -9 hub", HubLimit); err != nil {
		return err
	}
	e.Hub0.Kill()
	if err := e.Hub0.Start(); err != nil || !wait {
		return err
	}
	return e.Hub0.AwaitReady(ctx)
}

// PluginPid returns the process of the block at address, such as sink.take.one.
func (h *Hub) PluginPid(ctx context.Context, address string) (int, error) {
	s, err := h.Status(ctx)
	if err != nil {
		return 0, err
	}
	r, ok := Blocks(s)[address]
	switch {
	case !ok:
		return 0, fmt.Errorf("%s has no block %s", h.Name, address)
	case r.Pid == 0:
		return 0, fmt.Errorf("%s is %s and has no process", address, r.State)
	}
	return int(r.Pid), nil
}

// KillPlugin kills the process of a block and, when wait is set, returns when another has taken its place. limit is how long
// that may take. Mind the breaker: five deaths of one block within ten minutes stop it for good, until the hub starts anew.
func (e *Env) KillPlugin(ctx context.Context, address string, limit time.Duration, wait bool) error {
	pid, err := e.Hub0.PluginPid(ctx, address)
	if err != nil {
		return err
	}
	who := FaultName(address)
	if !wait {
		limit = 0
	}
	kind, _, _ := strings.Cut(address, ".")
	if err := e.Fault(who, "kill -9 "+kind, limit); err != nil {
		return err
	}
	kill(pid)
	if !wait {
		return nil
	}
	if err := e.AwaitBlock(ctx, address, pid); err != nil {
		return err
	}
	return e.Up(who)
}

// AwaitBlock returns when the block at address runs in another process than pid.
func (e *Env) AwaitBlock(ctx context.Context, address string, pid int) error {
	return e.Await(ctx, 20*time.Second, address+" to work again", func() error {
		s, err := e.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		r := Blocks(s)[address]
		if r.State != flow.StateRunning || r.Pid == 0 || int(r.Pid) == pid {
			return fmt.Errorf("it is %s: %s", r.State, r.Error)
		}
		return nil
	})
}

// FaultName turns an address into what faults of it are noted as: source.offer.a into source.a, sink.take.one into sink.one.
func FaultName(address string) string {
	parts := strings.Split(address, ".")
	return parts[0] + "." + parts[len(parts)-1]
}

// AwaitFlow returns when the sink (by name) has been given something since the call.
func (e *Env) AwaitFlow(ctx context.Context, sink string) error {
	before, err := e.Ledger.Counts()
	if err != nil {
		return err
	}
	return e.Await(ctx, 30*time.Second, "events at "+sink, func() error {
		now, err := e.Ledger.Counts()
		if err == nil && now.Delivered[sink] == before.Delivered[sink] {
			err = errors.New("nothing has arrived")
		}
		return err
	})
}

// Sleep waits for d, or until ctx ends. It is for the moments a schedule has drawn, never for waiting until something is so.
func (e *Env) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// SaveSchedule writes what a scenario is going to do, drawn from the seed, into schedule.json.
func (e *Env) SaveSchedule(list any) error {
	b, err := json.MarshalIndent(list, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(e.Dir, "schedule.json"), append(b, '\n'), 0o600)
}
