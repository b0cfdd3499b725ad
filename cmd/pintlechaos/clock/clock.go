// Package clock builds programs whose wall clock can be set from outside while they run: by jumps of an hour or of ten years,
// back and forth. It replaces time.Now of the standard library by `go build -overlay`, so the program's sources have no trace
// of it, and every library in the program is fooled too. The monotonic clock, timers and what others say of the time (files,
// the kernel) stay true, as they do on a machine whose clock is set.
//
// A program built so reads how far its clock is off from the file named by Name in the folder of its executable; without that
// file it is right. Its one promise: all programs of one folder see the same jump at the same moment.
package clock

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Name is the file beside the executable that says how far its clock is off: nanoseconds, 8 bytes, in the order of the machine.
const Name = "clock.offset"

// Clock sets the clocks of all programs of one folder.
type Clock struct{ file *os.File }

// Open makes the clock of the programs in dir; it goes right at first. Programs that were started before do not see it.
func Open(dir string) (*Clock, error) {
	f, err := os.OpenFile(filepath.Join(dir, Name), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("make the clock: %w", err)
	}
	c := &Clock{file: f}
	if err := c.Set(0); err != nil {
		_ = f.Close()
		return nil, err
	}
	return c, nil
}

// Set makes the clocks go wrong by offset, ahead when it is positive. It takes effect at once.
func (c *Clock) Set(offset time.Duration) error {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], uint64(offset))
	if _, err := c.file.WriteAt(b[:], 0); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// Close lets go of the file; the clocks stay as they are.
func (c *Clock) Close() error { return c.file.Close() }
