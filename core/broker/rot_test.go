package broker_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// rotten is a closed log with messages in every stream, and what they are.
type rotten struct {
	dir  string
	held map[broker.Stream]map[uint64][]byte
}

const perStream = 40

// soundLog fills every stream as the hub does: several subjects, a deleted dead letter, replaced checkpoints and states.
func soundLog(t *testing.T) rotten {
	t.Helper()
	l := rotten{dir: t.TempDir(), held: map[broker.Stream]map[uint64][]byte{}}
	b := open(t, broker.Config{Dir: l.dir, MaxBytes: map[broker.Stream]int64{broker.Events: 8 << 20}})
	for _, s := range broker.Streams() {
		l.held[s] = map[uint64][]byte{}
		for i := range perStream {
			if s == broker.States {
				if err := b.SaveState(t.Context(), fmt.Sprint("p", i%3), fmt.Appendf(nil, "<state %d>%s", i, bytes.Repeat([]byte("x"), 500))); err != nil {
					t.Fatal(err)
				}
				continue
			}
			add(t, b, s, fmt.Sprintf("%s.0.a%d", s.Prefix(), i%3), fmt.Sprintf("<%s %d>%s", s, i, bytes.Repeat([]byte("x"), 500)))
		}
	}
	for _, seq := range []uint64{7, 8} {
		if err := b.Delete(t.Context(), broker.Dead, seq); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range broker.Streams() {
		all, err := b.List(t.Context(), broker.ListOptions{Stream: s, Max: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			l.held[s][e.Seq] = e.Data
		}
	}
	closeLog(t, b)
	return l
}

// lost returns what is not there any more as it was.
func (l rotten) lost(t *testing.T, b *broker.Broker) map[broker.Stream][]uint64 {
	t.Helper()
	gone := map[broker.Stream][]uint64{}
	for s, held := range l.held {
		for seq, data := range held {
			e, err := b.Get(t.Context(), s, seq)
			if err != nil || !bytes.Equal(e.Data, data) {
				gone[s] = append(gone[s], seq)
			}
		}
	}
	return gone
}

func TestNoStreamShrinksInSilence(t *testing.T) {
	sound := soundLog(t)
	for _, s := range broker.Streams() {
		for _, d := range damages() {
			t.Run(fmt.Sprintf("%s/%s", s, d.name), func(t *testing.T) {
				l := rotten{dir: t.TempDir(), held: sound.held}
				if err := os.CopyFS(l.dir, os.DirFS(sound.dir)); err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(uint64(len(s)), uint64(len(d.name))))
				d.do(t, filepath.Join(l.dir, "jetstream", "$G", "streams", string(s)), r)
				start := time.Now()
				b, err := broker.Open(t.Context(), broker.Config{Dir: l.dir})
				t.Logf("open: %v (%v)", err, time.Since(start).Round(time.Millisecond))
				if err != nil {
					if !errors.Is(err, broker.ErrDamaged) {
						t.Errorf("open: %v, want ErrDamaged", err)
					}
					return
				}
				defer closeLog(t, b)
				found, err := b.Fsck(t.Context())
				if err != nil {
					t.Errorf("fsck: %v", err)
				}
				lost := l.lost(t, b)
				t.Logf("lost %v, fsck %v", lost, found)
				for s, seqs := range lost {
					for _, seq := range seqs {
						if !reported(found, s, seq) {
							t.Errorf("message %d of %s is lost in silence", seq, s)
						}
					}
				}
			})
		}
	}
}

func reported(found []*broker.Damage, s broker.Stream, seq uint64) bool {
	for _, d := range found {
		if d.Stream == s && d.From <= seq && d.To >= seq {
			return true
		}
	}
	return false
}

type damage struct {
	name string
	do   func(t *testing.T, stream string, r *rand.Rand)
}

func damages() []damage {
	block := func(do func(t *testing.T, path string, r *rand.Rand)) func(t *testing.T, stream string, r *rand.Rand) {
		return func(t *testing.T, stream string, r *rand.Rand) {
			found, err := filepath.Glob(filepath.Join(stream, "msgs", "*.blk"))
			if err != nil || len(found) == 0 {
				t.Fatalf("blocks %v, %v", found, err)
			}
			do(t, found[len(found)-1], r)
		}
	}
	file := func(name string) func(t *testing.T, stream string, r *rand.Rand) {
		return func(t *testing.T, stream string, r *rand.Rand) { flipBit(t, filepath.Join(stream, name), r) }
	}
	rebuilt := func(do func(t *testing.T, stream string, r *rand.Rand)) func(t *testing.T, stream string, r *rand.Rand) {
		return func(t *testing.T, stream string, r *rand.Rand) {
			do(t, stream, r)
			remove(t, filepath.Join(stream, "msgs", "index.db"))
		}
	}
	tear := block(func(t *testing.T, path string, _ *rand.Rand) {
		change(t, path, func(data []byte) { clear(data[len(data)-100:]) })
	})
	shorten := block(func(t *testing.T, path string, _ *rand.Rand) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, info.Size()-100); err != nil {
			t.Fatal(err)
		}
	})
	vanish := block(func(t *testing.T, path string, _ *rand.Rand) { remove(t, path) })
	flip := block(flipBit)
	return []damage{
		{"bit flip", flip},
		{"bit flip, index gone", rebuilt(flip)},
		{"torn write", tear},
		{"torn write, index gone", rebuilt(tear)},
		{"truncated block", shorten},
		{"truncated block, index gone", rebuilt(shorten)},
		{"missing block", vanish},
		{"missing block, index gone", rebuilt(vanish)},
		{"meta.inf", file("meta.inf")},
		{"meta.sum", file("meta.sum")},
		{"index.db", file("msgs/index.db")},
	}
}

func flipBit(t *testing.T, path string, r *rand.Rand) {
	change(t, path, func(data []byte) { data[r.IntN(len(data))] ^= 1 << r.IntN(8) })
}

func change(t *testing.T, path string, do func([]byte)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	do(data)
	write(t, path, data)
}

// What Open refuses can be looked at: Fsck of a log that was opened to look at it tells of all of it at once.
func TestInspectTellsWhatOpenRefuses(t *testing.T) {
	sound := soundLog(t)
	remove(t, filepath.Join(sound.dir, "jetstream", "$G", "streams", "LOOP"))
	letters, err := filepath.Glob(filepath.Join(sound.dir, "jetstream", "$G", "streams", "DLQ", "msgs", "*.blk"))
	if err != nil || len(letters) != 1 {
		t.Fatal(letters, err)
	}
	change(t, letters[0], func(data []byte) { data[bytes.Index(data, []byte("<DLQ 20>"))+20] ^= 4 })
	before := files(t, sound.dir)
	c := broker.Config{Dir: sound.dir, Count: func(broker.Stream, []byte) (uint64, uint64) { return 0, 1 }}
	if _, err := broker.Open(t.Context(), c); !errors.Is(err, broker.ErrDamaged) {
		t.Fatalf("open: %v", err)
	}
	c.Inspect = true
	b := open(t, c)
	found, err := b.Fsck(t.Context())
	if err != nil || len(found) != 2 || found[0].Stream != broker.Dead || found[0].From != 21 || found[0].To != 21 || found[0].Events != 1 ||
		found[1].Stream != broker.Loops || found[1].To != perStream || found[1].Messages != perStream {
		t.Errorf("fsck: %v, %v", found, err)
	}
	if st, err := b.Status(t.Context()); err != nil || len(st.Damage) != 2 || len(st.Streams) != len(broker.Streams())-1 {
		t.Errorf("status: %+v, %v", st, err)
	}
	if _, err := b.Append(t.Context(), broker.Message{Stream: broker.Events, Subject: "ev.0.a", Data: []byte("x")}); err == nil {
		t.Error("an append was taken")
	}
	if err := b.Delete(t.Context(), broker.Dead, 1); err == nil {
		t.Error("a dead letter was deleted")
	}
	closeLog(t, b)
	if after := files(t, sound.dir); after != before {
		t.Errorf("looking has changed the streams: %s, before %s", after, before)
	}
}

// files lists the streams and the manifest.
func files(t *testing.T, dir string) string {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	streams, err := filepath.Glob(filepath.Join(dir, "jetstream", "$G", "streams", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(string(manifest), streams)
}

// The counts of a damage tell whose events are lost, and how many.
func TestDamageTellsWhoseEventsAreLost(t *testing.T) {
	dir := t.TempDir()
	count := func(_ broker.Stream, data []byte) (total, n uint64) {
		_, _ = fmt.Sscanf(string(data), "<%d,%d>", &total, &n)
		return total, n
	}
	b := open(t, broker.Config{Dir: dir, Count: count})
	for i := range 9 { // three batches of each source, of 10 events
		w, err := b.Writer(t.Context(), broker.Events, fmt.Sprint("ev.0.s", i%3))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Append(t.Context(), fmt.Appendf(nil, "<%d,10>%s", 10*(i/3+1), bytes.Repeat([]byte("x"), 300))); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, b)
	flip := func(data []byte) []byte { data[bytes.Index(data, []byte("<20,10>"))+20] ^= 1; return data }
	for _, c := range []struct {
		name    string
		damage  func([]byte) []byte
		seq     uint64
		subject string
	}{
		{"in the middle", flip, 4, "ev.0.s0"},
		{"at the end", func(data []byte) []byte { return data[:len(data)-10] }, 9, "ev.0.s2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := broker.Config{Dir: t.TempDir(), Count: count}
			if err := os.CopyFS(config.Dir, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			block := filepath.Join(config.Dir, "jetstream", "$G", "streams", "EV", "msgs", "1.blk")
			data, err := os.ReadFile(block)
			if err != nil {
				t.Fatal(err)
			}
			write(t, block, c.damage(data))
			var d *broker.Damage
			if _, err = broker.Open(t.Context(), config); !errors.As(err, &d) || !errors.Is(err, broker.ErrDamaged) {
				t.Fatalf("open: %v", err)
			}
			config.Inspect = true
			found, err := open(t, config).Fsck(t.Context())
			if err != nil || len(found) != 1 {
				t.Fatalf("fsck: %v, %v", found, err)
			}
			for _, d := range []*broker.Damage{d, found[0]} {
				if d.From != c.seq || d.To != c.seq || len(d.Subjects) != 1 || d.Subjects[0] != c.subject || d.Events != 10 {
					t.Errorf("%+v, want message %d of %s with 10 events", d, c.seq, c.subject)
				}
			}
		})
	}
}
