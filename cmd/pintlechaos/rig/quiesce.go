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
	"github.com/pintle-hub/pintle/core/hub"
)

// quietLimit is what Options.Quiet means when it is zero.
const quietLimit = time.Minute

// ErrRestless is what errors.Is finds in the error of a Quiesce that has waited in vain.
var ErrRestless = errors.New("it does not come to rest")

// Quiesce lets nobody offer anything new, waits until everything has come to rest and notes what the hub says of itself: its
// books and its dead letters. The hub must run, healthy. Call it at the end of a scenario, or before a check in between.
func (e *Env) Quiesce(ctx context.Context) error {
	if err := e.Ledger.Freeze(); err != nil {
		return err
	}
	err := e.Await(ctx, cmp.Or(e.Quiet, quietLimit), "everything to come to rest", func() error { return e.resting(ctx) })
	if err != nil {
		return fmt.Errorf("%w: %w\n%s", ErrRestless, err, e.Hub0.Tail(20))
	}
	return e.NoteEnd(ctx)
}

// resting returns nil when nothing is on its way any more, and what is otherwise.
func (e *Env) resting(ctx context.Context) error {
	c, err := e.Ledger.Counts()
	if err != nil {
		return err
	}
	for who, n := range c.Offered {
		if !c.Replay[who] && c.Acked[who] < n {
			return fmt.Errorf("%s has offered %d and %d are acknowledged", who, n, c.Acked[who])
		}
	}
	s, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	for _, b := range s.Sources {
		if name := nameOf(b.Address); c.Replay[name] && b.Total < c.Offered[name] {
			return fmt.Errorf("%s has offered %d and %d are stored", name, c.Offered[name], b.Total)
		}
	}
	return settled(s)
}

func settled(s hub.Status) error {
	for _, p := range s.Pipelines {
		if p.Books.InFlight > 0 || !p.Books.Balanced() {
			return fmt.Errorf("pipeline %s: %+v", p.Name, p.Books)
		}
		for _, k := range p.Sinks {
			if k.Behind > 0 || k.Holding > 0 {
				return fmt.Errorf("%s is %d steps behind and holds %d events: %s %s", k.Address, k.Behind, k.Holding, k.State, k.Error)
			}
		}
	}
	return nil
}

func nameOf(address string) string { return address[strings.LastIndexByte(address, '.')+1:] }

// NoteEnd notes totals, books and dead letters, and that all is quiet. Quiesce calls it when it is.
func (e *Env) NoteEnd(ctx context.Context) error {
	s, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	for _, b := range s.Sources {
		if err := e.Ledger.Note(ledger.Record{Kind: ledger.Total, Who: nameOf(b.Address), Number: b.Total}); err != nil {
			return err
		}
	}
	if err := e.noteDead(ctx); err != nil {
		return err
	}
	for _, p := range s.Pipelines {
		b := &ledger.Books{Accepted: p.Books.Accepted, Delivered: p.Books.Delivered, Dead: p.Books.Dead, Dropped: p.Books.Dropped,
			InFlight: p.Books.InFlight, Insights: p.Books.Insights, Rules: p.Books.Rules, Sources: e.Pipelines[p.Name]}
		if err := e.Ledger.Note(ledger.Record{Kind: ledger.Counted, Who: p.Name, Books: b}); err != nil {
			return err
		}
	}
	return e.Ledger.Note(ledger.Record{Kind: ledger.Quiet})
}

func (e *Env) noteDead(ctx context.Context) error {
	dead, err := e.Hub0.Client().DeadLetters(ctx)
	if err != nil {
		return err
	}
	for _, d := range dead {
		letter := cmp.Or(d.Origin, strconv.FormatUint(d.Seq, 10)) // letters of one event at several sinks have an origin in common
		r := ledger.Record{Kind: ledger.Dead, Who: d.At, Text: d.Reason, Items: []ledger.Item{{ID: d.Event, Key: letter}}}
		if err := e.Ledger.Note(r); err != nil {
			return err
		}
	}
	return nil
}
