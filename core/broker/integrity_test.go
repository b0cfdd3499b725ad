package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

const stored = 200 // messages in the log that is damaged below; more than Open reads

// filled is the directory of a closed log with numbered messages of 32 KB, in two blocks.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir, MaxBytes: map[broker.Stream]int64{broker.Events: 8 << 20}})
	w := writer(t, b)
	for i := range stored {
		if _, err := w.Append(t.Context(), numbered(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, b)
	return dir
}

// numbered is a message that a search in the store's files finds.
func numbered(i int) []byte {
	return fmt.Appendf(nil, "<message %d>%s", i, bytes.Repeat([]byte("x"), 32_000))
}

func streamDir(dir string) string { return filepath.Join(dir, "jetstream", "$G", "streams", "EV") }

// blocks are the files of the stream's messages, oldest first.
func blocks(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(streamDir(dir), "msgs", "*.blk"))
	if err != nil || len(found) < 2 {
		t.Fatalf("blocks: %v, %v", found, err)
	}
	return found
}

// flip changes one bit of message i where it is stored.
func flip(t *testing.T, dir string, i int) {
	t.Helper()
	for _, path := range blocks(t, dir) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(data, fmt.Appendf(nil, "<message %d>", i)); at >= 0 {
			data[at+50] ^= 1
			write(t, path, data)
			return
		}
	}
	t.Fatalf("message %d is in no block", i)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// cut removes bytes from the end of the newest block.
func cut(t *testing.T, dir string, n int64) {
	t.Helper()
	newest, size := "", int64(0)
	for _, path := range blocks(t, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if data, _ := os.ReadFile(path); bytes.Contains(data, fmt.Appendf(nil, "<message %d>", stored)) {
			newest, size = path, info.Size()
		}
	}
	if err := os.Truncate(newest, size-n); err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsFoundAtOpen(t *testing.T) {
	log := filled(t)
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   string
	}{
		{"bit flip near the end", func(t *testing.T, dir string) { flip(t, dir, stored-10) }, "stream EV, messages 1"},
		{"bit flip in the last message", func(t *testing.T, dir string) { flip(t, dir, stored) }, "stream EV"},
		{"bit flip, index rebuilt", func(t *testing.T, dir string) {
			flip(t, dir, 20)
			remove(t, filepath.Join(streamDir(dir), "msgs", "index.db"))
		}, "stream EV, messages 20 to "},
		{"end cut off", func(t *testing.T, dir string) { cut(t, dir, 700) }, "stream EV, messages "},
		{"end cut off, index rebuilt", func(t *testing.T, dir string) {
			cut(t, dir, 50_000)
			remove(t, filepath.Join(streamDir(dir), "msgs", "index.db"))
		}, "to 200 (of ev.0.a): the end is missing"},
		{"first block gone", func(t *testing.T, dir string) {
			remove(t, filepath.Join(streamDir(dir), "msgs", "1.blk"))
			remove(t, filepath.Join(streamDir(dir), "msgs", "index.db"))
		}, "the beginning is missing"},
		{"stream gone", func(t *testing.T, dir string) { remove(t, streamDir(dir)) }, "stream EV is gone"},
		{"stream and manifest gone", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "jetstream", "$G", "streams", "IN"))
			remove(t, filepath.Join(dir, "manifest.json"))
		}, "stream IN is gone"},
		{"all streams gone", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "jetstream")) }, "is gone"},
		{"manifest unreadable", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "manifest.json"), []byte("{")) },
			"manifest cannot be read"},
		{"another log's streams", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "jetstream"))
			if err := os.Rename(filepath.Join(filled(t), "jetstream"), filepath.Join(dir, "jetstream")); err != nil {
				t.Fatal(err)
			}
		}, "another stream has taken its name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(log)); err != nil {
				t.Fatal(err)
			}
			c.damage(t, dir)
			b, err := broker.Open(t.Context(), broker.Config{Dir: dir})
			if err == nil {
				closeLog(t, b)
			}
			if !errors.Is(err, broker.ErrDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("open: %v, want ErrDamaged and %q", err, c.want)
			}
		})
	}
}

func TestDamageInTheMiddleIsFoundByWhoReadsIt(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	flip(t, dir, 20)
	b := open(t, broker.Config{Dir: dir})

	_, err := b.Get(t.Context(), broker.Events, 20)
	if !errors.Is(err, broker.ErrDamaged) {
		t.Errorf("get: %v, want ErrDamaged", err)
	}
	for _, filter := range [][]string{nil, {"ev.0.a"}} {
		r := read(t, b, broker.ReadOptions{Subjects: filter})
		var gap *broker.Gap
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for err = nil; err == nil; {
			_, err = r.Next(ctx)
		}
		if !errors.Is(err, broker.ErrDamaged) || !errors.As(err, &gap) || gap.From > 20 || gap.To < 20 {
			t.Errorf("reader of %v: %v", filter, err)
			continue
		}
		if e, err := read(t, b, broker.ReadOptions{Subjects: filter, From: gap.Next}).Next(t.Context()); err != nil ||
			e.Seq != gap.Next {
			t.Errorf("reader of %v behind the gap: %d, %v", filter, e.Seq, err)
		}
	}
	damage, err := b.Fsck(t.Context())
	if err != nil || len(damage) != 1 || damage[0].From > 20 || damage[0].To < 20 {
		t.Errorf("fsck: %v, %v", damage, err)
	}
}

func TestVerifyIsAskedAtOpenAndByFsck(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	asked := 0
	bad := "<message 7>"
	c := broker.Config{Dir: dir, Verify: func(s broker.Stream, data []byte) error {
		asked++
		if bytes.HasPrefix(data, []byte(bad)) {
			return errors.New("checksum of the batch differs")
		}
		return nil
	}}
	b := open(t, c)
	if asked != 64 {
		t.Errorf("asked about %d messages at open, want 64", asked)
	}
	damage, err := b.Fsck(t.Context())
	if err != nil || len(damage) != 1 || damage[0].From != 7 || damage[0].To != 7 || asked != 64+stored {
		t.Errorf("fsck: %v, %v, asked %d times", damage, err, asked)
	}
	closeLog(t, b)
	bad = "<message 199>"
	if _, err := broker.Open(t.Context(), c); !errors.Is(err, broker.ErrDamaged) ||
		!strings.Contains(err.Error(), "stream EV, messages 199 to 199 (of ev.0.a): checksum of the batch differs") {
		t.Errorf("open: %v", err)
	}
}

func TestDamagedStateIsNotLoaded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	if err := b.SaveState(t.Context(), "p", []byte("<state>"+strings.Repeat("x", 5<<20))); err != nil {
		t.Fatal(err)
	}
	closeLog(t, b)
	paths, _ := filepath.Glob(filepath.Join(dir, "jetstream", "$G", "streams", "SN", "msgs", "*.blk"))
	hit := false
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(data, []byte("<state>")); at >= 0 {
			hit = true
			data[at+100] ^= 1
			write(t, path, data)
		}
	}
	if !hit {
		t.Fatal("the state is in no block")
	}
	b = open(t, broker.Config{Dir: dir})
	if _, _, err := b.LoadState(t.Context(), "p"); !errors.Is(err, broker.ErrDamaged) {
		t.Errorf("load: %v, want ErrDamaged", err)
	}
	if damage, err := b.Fsck(t.Context()); err != nil || len(damage) != 1 || damage[0].Stream != broker.States {
		t.Errorf("fsck: %v, %v", damage, err)
	}
}

// A stream whose description alone is damaged is mended at the next start; nothing of it is lost. Without the second copy it
// is gone, and that is said.
func TestADamagedDescriptionIsMended(t *testing.T) {
	log := filled(t)
	for _, c := range []struct {
		name, file string
		spare      bool
		want       string
	}{
		{"meta.inf", "meta.inf", true, ""},
		{"meta.sum", "meta.sum", true, ""},
		{"no second copy", "meta.inf", false, "checksum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(log)); err != nil {
				t.Fatal(err)
			}
			change(t, filepath.Join(streamDir(dir), c.file), func(data []byte) { data[len(data)/2] ^= 1 })
			if !c.spare {
				remove(t, filepath.Join(dir, "spare"))
			}
			b, err := broker.Open(t.Context(), broker.Config{Dir: dir})
			if c.want != "" {
				if !errors.Is(err, broker.ErrDamaged) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("open: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer closeLog(t, b)
			if found, err := b.Fsck(t.Context()); err != nil || len(found) > 0 {
				t.Errorf("fsck: %v, %v", found, err)
			}
			if e, err := b.Get(t.Context(), broker.Events, stored); err != nil || !bytes.Equal(e.Data, numbered(stored)) {
				t.Errorf("last message: %v", err)
			}
		})
	}
}

// Under a running log it is put back within seconds.
func TestADamagedDescriptionIsPutBackWhileItRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	add(t, b, broker.Events, "ev.0.a", "x")
	path := filepath.Join(streamDir(dir), "meta.inf")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change(t, path, func(data []byte) { data[20] ^= 1 })
	for range 2 {
		if err := broker.Tend(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("%s is as damaged: %v", path, err)
	}
	if st, err := b.Status(t.Context()); err != nil || len(st.Warnings) != 1 {
		t.Errorf("warnings %v, %v", st.Warnings, err)
	}
}
