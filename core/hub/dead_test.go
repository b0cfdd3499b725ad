package hub_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// staying runs a hub that does not end by itself; the returned function ends it.
func staying(t *testing.T, dir, hcl string) (*hub.Hub, func() hub.Status) {
	t.Helper()
	o := options(t, load(t, dir, hcl))
	o.UntilIdle = false
	return backgroundUntil(t, o)
}

// idle waits until a hub has done all there is to do and returns its books, which must balance.
func idle(t *testing.T, h *hub.Hub) hub.Books {
	t.Helper()
	await(t, "the hub to be idle", h.Idle)
	b := h.Status(t.Context()).Books
	if !b.Balanced() || b.InFlight != 0 {
		t.Errorf("books: %+v", b)
	}
	return b
}

// redeemAll replays or drops every dead letter, one after the other, and returns the books after each.
func redeemAll(t *testing.T, h *hub.Hub, how func(*hub.Hub, context.Context, uint64) error) (after []hub.Books) {
	t.Helper()
	list, err := h.DeadLetters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if err := how(h, t.Context(), d.Seq); err != nil {
			t.Fatalf("dead letter %+v: %v", d, err)
		}
		after = append(after, idle(t, h))
	}
	return after
}

func TestALetterOfASinkIsReplayedOnceItTakesTheEvent(t *testing.T) {
	dir := t.TempDir()
	runIdle(t, dir, chain(dir, 500, "", `reject = ["n0000005", "n0000499"]`))
	h, stop := staying(t, dir, chain(dir, 500, "", `reject = ["n0000499"]`))
	after := redeemAll(t, h, (*hub.Hub).ReplayDead)
	if len(after) != 2 || after[0].Dead != 1 || after[0].Delivered != 499 || after[1].Dead != 1 {
		t.Errorf("books: %+v", after)
	}
	after = redeemAll(t, h, (*hub.Hub).DropDead)
	if len(after) != 1 || after[0].Dead != 0 || after[0].Delivered != 499 || after[0].Rules[flow.RuleDeadDropped] != 1 {
		t.Errorf("books: %+v", after)
	}
	stop()
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	if len(lines) != 499 || lines[498] != "n0000005 k5 1" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	if s := runIdle(t, dir, chain(dir, 500, "", "")); s.Books.Delivered != 499 || s.Books.Dropped != 1 || s.Books.Dead != 0 || !s.Balanced {
		t.Errorf("books after a restart: %+v", s.Books)
	}
}

// twice sends all events to two sinks.
func twice(dir string, count int, out, more string) string {
	hcl := strings.Replace(chain(dir, count, "", out), "to = [sink.ledger.out]", "to = [sink.ledger.out, sink.ledger.copy]", 1)
	return hcl + fmt.Sprintf("sink \"ledger\" \"copy\" {\n  path = %q\n  %s\n}\n", filepath.Join(dir, "copy"), more)
}

// An event that two sinks refuse is dead once, and is so until neither has a letter of it.
func TestTwoLettersOfOneEvent(t *testing.T) {
	const reject = `reject = ["n0000005"]`
	for name, c := range map[string]struct {
		out, copied string // how the sinks are when the letters are redeemed
		how         func(*hub.Hub, context.Context, uint64) error
		want        []string // dead, delivered, dropped
	}{
		"replayed":      {"", "", (*hub.Hub).ReplayDead, []string{"1 99 0", "0 100 0"}},
		"dropped":       {"", "", (*hub.Hub).DropDead, []string{"1 99 0", "0 99 1"}},
		"refused again": {reject, "", (*hub.Hub).ReplayDead, []string{"1 99 0", "1 99 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := runIdle(t, dir, twice(dir, 100, reject, reject))
			if s.Books.Dead != 1 || s.Books.Delivered != 99 {
				t.Errorf("books: %+v", s.Books)
			}
			h, _ := staying(t, dir, twice(dir, 100, c.out, c.copied))
			var got []string
			for _, b := range redeemAll(t, h, c.how) {
				got = append(got, fmt.Sprint(b.Dead, " ", b.Delivered, " ", b.Dropped))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("dead, delivered, dropped: %q, want %q", got, c.want)
			}
		})
	}
}

func TestALetterOfAnAnalyzerIsReplayedThroughAllOfThem(t *testing.T) {
	dir := t.TempDir()
	runIdle(t, dir, chain(dir, 500, `panic = ["n0000333"]`, ""))
	h, stop := staying(t, dir, chain(dir, 500, `panic = ["n0000333"]`, ""))
	list, err := h.DeadLetters(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("dead letters: %v, %v", list, err)
	}
	err = h.ReplayDead(t.Context(), list[0].Seq)
	if sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), "stays a dead letter") || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("replayed while the analyzer still fails: %v", err)
	}
	if b := idle(t, h); b.Dead != 1 || b.Delivered != 499 {
		t.Errorf("books: %+v", b)
	}
	reload(t, h, dir, chain(dir, 500, "", ""))
	if after := redeemAll(t, h, (*hub.Hub).ReplayDead); len(after) != 1 || after[0].Dead != 0 || after[0].Delivered != 500 {
		t.Errorf("books: %+v", after)
	}
	stop()
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	if len(lines) != 500 || lines[499] != "n0000333 k4 71" { // counted last of its key
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

// Analyzers whose state is rebuilt from the log do not count an event again that went to its sink a second time.
func TestAReplayIsNotCountedAgain(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 300)
	hcl := func(sink string) string {
		return strings.Replace(chain(dir, 600, "", sink), "count = 600", fmt.Sprintf("count = 600\n gate = %q", filepath.Join(dir, "gate")), 1)
	}
	h, finish := background(t, load(t, dir, hcl(`reject = ["n0000005"]`)))
	await(t, "a dead letter", func() bool { return h.Status(t.Context()).Books.Dead == 1 })
	reload(t, h, dir, hcl(""))
	list, err := h.DeadLetters(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("dead letters: %v, %v", list, err)
	}
	if err := h.ReplayDead(t.Context(), list[0].Seq); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(int(h.Status(t.Context()).Pipelines[0].Hops[0].Pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	openGate(t, dir, 600)
	finish()
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	slices.Sort(lines)
	checkTally(t, lines, 600)
}

// A crash after a replay is durable and before its letter is deleted: the letter goes at the next start and counts once.
func TestALetterIsRedeemedOnce(t *testing.T) {
	dir := t.TempDir()
	hcl := chain(dir, 100, "", "")
	runIdle(t, dir, chain(dir, 100, "", `reject = ["n0000005", "n0000006"]`))
	h, stop := staying(t, dir, hcl)
	list, err := h.DeadLetters(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("dead letters: %v, %v", list, err)
	}
	if err := h.ReplayHalf(t.Context(), list[0].Seq); err != nil {
		t.Fatal(err)
	}
	stop()
	h, stop = staying(t, dir, hcl)
	if err := h.ReplayDead(t.Context(), list[0].Seq); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("replayed once more: %v", err)
	}
	if err := h.ReplayHalf(t.Context(), list[1].Seq); err != nil {
		t.Fatal(err)
	}
	if err := h.ReplayDead(t.Context(), list[1].Seq); err != nil {
		t.Errorf("a second try: %v", err)
	}
	if b := idle(t, h); b.Dead != 0 || b.Delivered != 100 {
		t.Errorf("books: %+v", b)
	}
	stop()
	if lines := ledgerLines(t, filepath.Join(dir, "out")); len(lines) != 100 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestALetterOfASinkThatIsGoneIsNotReplayedIntoNothing(t *testing.T) {
	dir := t.TempDir()
	runIdle(t, dir, twice(dir, 100, "", `reject = ["n0000005"]`))
	h, _ := staying(t, dir, chain(dir, 100, "", ""))
	list, err := h.DeadLetters(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("dead letters: %v, %v", list, err)
	}
	err = h.ReplayDead(t.Context(), list[0].Seq)
	if sdk.CodeOf(err) != sdk.NotFound || !strings.Contains(err.Error(), "sink.ledger.copy is not in pipeline p any more") {
		t.Errorf("replayed: %v", err)
	}
	if b := idle(t, h); b.Dead != 1 {
		t.Errorf("books: %+v", b)
	}
	if after := redeemAll(t, h, (*hub.Hub).DropDead); len(after) != 1 || after[0].Dead != 0 || after[0].Dropped != 1 {
		t.Errorf("books: %+v", after)
	}
}

// A replay waits until the books know what all sinks made of the event, and says so when that takes too long.
func TestALetterWaitsForTheOtherSinks(t *testing.T) {
	dir := t.TempDir()
	wait := touch(t, filepath.Join(dir, "wait"))
	h, _ := staying(t, dir, twice(dir, 100, `reject = ["n0000005"]`, fmt.Sprintf("slow = %q", wait)))
	var list []hub.DeadLetter
	await(t, "a dead letter", func() bool {
		list, _ = h.DeadLetters(t.Context())
		return len(list) > 0
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := h.ReplayDead(ctx, list[0].Seq); sdk.CodeOf(err) != sdk.Unavailable || !strings.Contains(err.Error(), "sink.ledger.copy is not that far yet") {
		t.Errorf("replayed: %v", err)
	}
	remove(t, wait)
	idle(t, h)
	if err := h.ReplayDead(t.Context(), list[0].Seq); err != nil {
		t.Error(err)
	}
	if b := idle(t, h); b.Dead != 1 || b.Delivered != 99 { // refused again
		t.Errorf("books: %+v", b)
	}
}
