package ledger_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// serve runs a ledger for the length of a test and returns its socket.
func serve(t *testing.T, dir string) (socket string, stop func()) {
	t.Helper()
	short, err := os.MkdirTemp("", "pl")
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(short, "s")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- ledger.Serve(ctx, dir, socket) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(short)
	})
	t.Cleanup(stop)
	return socket, stop
}

func dial(t *testing.T, socket string) *ledger.Client {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		c, err := ledger.Dial(socket)
		if err == nil {
			t.Cleanup(func() { _ = c.Close() })
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// What Note has returned for is in the history, whoever noted it, and numbers and times rise.
func TestWhatWasNotedIsInTheHistory(t *testing.T) {
	dir := t.TempDir()
	socket, stop := serve(t, dir)
	const each = 50
	var wg sync.WaitGroup
	for range 4 {
		c := dial(t, socket)
		wg.Go(func() {
			for range each {
				if err := c.Note(ledger.Record{Kind: ledger.Ok, Who: "one", Items: []ledger.Item{{ID: "a-1"}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	stop()
	var seq uint64
	var at int64
	if err := ledger.Read(dir, func(r *ledger.Record) {
		if r.Seq != seq+1 || r.Time < at || r.Items[0].ID != "a-1" {
			t.Errorf("record %d at %d follows %d at %d", r.Seq, r.Time, seq, at)
		}
		seq, at = r.Seq, r.Time
	}); err != nil {
		t.Fatal(err)
	}
	if seq != 4*each {
		t.Errorf("%d records, want %d", seq, 4*each)
	}
}

// Limits hold sources back, and a freeze lets them offer again what they have offered.
func TestTheLedgerHoldsSourcesBack(t *testing.T) {
	socket, _ := serve(t, t.TempDir())
	c := dial(t, socket)
	note := func(r ledger.Record) {
		t.Helper()
		if err := c.Note(r); err != nil {
			t.Fatal(err)
		}
	}
	limit := func(who string) uint64 {
		t.Helper()
		n, err := c.Limit(who)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := c.Flow(10); err != nil || limit("a") != 10 {
		t.Errorf("flow: %v, limit %d", err, limit("a"))
	}
	note(ledger.Record{Kind: ledger.Replay, Who: "a", Items: []ledger.Item{{ID: "a-7", N: 7}}})
	note(ledger.Record{Kind: ledger.Acked, Who: "b.0", Items: []ledger.Item{{ID: "b.0-3", N: 3}}})
	note(ledger.Record{Kind: ledger.Ok, Who: "one", Items: []ledger.Item{{ID: "a-7"}}})
	if err := c.Freeze(); err != nil || limit("a") != 7 || limit("other") != 0 {
		t.Errorf("freeze: %v, limits %d and %d", err, limit("a"), limit("other"))
	}
	if n, err := c.LastAcked("b.0"); err != nil || n != 3 {
		t.Errorf("acked: %d, %v", n, err)
	}
	if known, err := c.Known("one", []string{"a-7", "a-8"}); err != nil || !known[0] || known[1] {
		t.Errorf("known: %v, %v", known, err)
	}
	counts, err := c.Counts()
	if err != nil || counts.Offered["a"] != 7 || !counts.Replay["a"] || counts.Taken["one"] != 1 {
		t.Errorf("counts: %+v, %v", counts, err)
	}
}
