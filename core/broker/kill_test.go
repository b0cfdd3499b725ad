package broker_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// writeNumbers is the role "writer": it appends 1, 2, 3 and so on behind what is there, prints each when it is acknowledged,
// saves a state of two parts now and then and trims what is old. Its argument is the directory.
func writeNumbers() error {
	ctx := context.Background()
	b, err := broker.Open(ctx, broker.Config{Dir: os.Args[1]})
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	w, err := b.Writer(ctx, broker.Events, "ev.0.a")
	if err != nil {
		return err
	}
	last, _ := w.Last()
	for i := number(last.Data) + 1; ; i++ {
		seq, err := w.Append(ctx, numbered(i))
		if err != nil {
			return err
		}
		fmt.Println(i)
		if i%10 == 0 {
			if err := b.SaveState(ctx, "p", state(i)); err != nil {
				return err
			}
		}
		if i%25 == 0 {
			if err := b.Trim(ctx, broker.Events, seq-20, head); err != nil {
				return err
			}
		}
	}
}

// number reads back numbered, 0 when there is none.
func number(data []byte) int {
	data, _, _ = bytes.Cut(bytes.TrimPrefix(data, []byte("<message ")), []byte(">"))
	n, err := strconv.Atoi(string(data))
	if err != nil {
		return 0
	}
	return n
}

// state is larger than one part and the same all through, so that a torn one shows.
func state(i int) []byte { return bytes.Repeat([]byte{byte(i / 10)}, 5<<20) }

func TestKilledAtAnyInstantNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acked := 0
	for round := range 5 {
		c := spawn(t, "writer", dir)
		first := c.line() // it is up
		timer := time.AfterFunc(time.Duration(rand.IntN(250))*time.Millisecond, func() { c.cmd.Process.Kill() })
		for line := first; line != ""; line = c.line() {
			n, err := strconv.Atoi(line)
			if err != nil || n < acked || n > acked+2 { // +2: one was stored and its acknowledgement not printed
				t.Fatalf("round %d: acknowledged %q after %d", round, line, acked)
			}
			acked = n
		}
		timer.Stop()
		c.kill()
		tear(t, dir)
		checkNumbers(t, dir, acked)
	}
	if acked < 20 {
		t.Errorf("only %d messages in all rounds", acked)
	}
}

// tear appends half a record to the newest block, as a power cut in the middle of a write would leave it.
func tear(t *testing.T, dir string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(streamDir(dir), "msgs", "*.blk"))
	if err != nil || len(found) == 0 {
		t.Fatalf("blocks: %v, %v", found, err)
	}
	newest, most := "", 0
	for _, path := range found {
		var index int
		if _, err := fmt.Sscanf(filepath.Base(path), "%d.blk", &index); err == nil && index > most {
			newest, most = path, index
		}
	}
	f, err := os.OpenFile(newest, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write([]byte{0xff, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 'h', 'a', 'l', 'f'}); err != nil {
		t.Fatal(err)
	}
}

// checkNumbers opens what the killed process left.
func checkNumbers(t *testing.T, dir string, acked int) {
	t.Helper()
	b := open(t, broker.Config{Dir: dir}) // its own checks find no damage
	defer closeLog(t, b)
	entries, err := b.List(t.Context(), broker.ListOptions{Stream: broker.Events, Max: 10_000})
	if err != nil || len(entries) == 0 {
		t.Fatalf("list: %d, %v", len(entries), err)
	}
	last := number(entries[0].Data)
	for _, e := range entries[1:] {
		if n := number(e.Data); n != last+1 {
			t.Errorf("message %d follows %d", n, last)
		}
		last++
	}
	if last < acked || last > acked+1 {
		t.Errorf("the last message is %d, acknowledged were %d", last, acked)
	}
	if e, ok := writer(t, b).Last(); !ok || number(e.Data) != last {
		t.Errorf("the fence is behind message %d, the end is %d", number(e.Data), last)
	}
	data, ok, err := b.LoadState(t.Context(), "p")
	if err != nil || ok && !whole(data, last) || !ok && last > 100 {
		t.Errorf("state behind message %d: %d bytes, %v, %v", last, len(data), ok, err)
	}
	if damage, err := b.Fsck(t.Context()); err != nil || len(damage) != 0 {
		t.Errorf("fsck: %v, %v", damage, err)
	}
	checkFiles(t, dir)
}

// checkFiles finds what an interrupted write left behind.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if name := filepath.Base(path); strings.HasSuffix(name, ".new") || strings.HasSuffix(name, ".tmp") ||
			strings.HasPrefix(name, "__") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// whole says that data is a state that was saved behind or before the last message. Which one depends on where the kills
// fell.
func whole(data []byte, last int) bool {
	for i := 10; i <= last; i += 10 {
		if bytes.Equal(data, state(i)) {
			return true
		}
	}
	return false
}
