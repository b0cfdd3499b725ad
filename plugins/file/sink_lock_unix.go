//go:build unix

package file

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file for this process until it is closed. Two sinks on one file would cut off each other's lines; and a sink
// of an older generation of a program may still be about when the next one starts.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
