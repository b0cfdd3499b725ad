//go:build unix

package broker

import (
	"os"
	"syscall"
)

// flock takes the whole file for this process, or fails at once. The kernel frees it when the process ends, however.
func flock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// funlock frees it for all who have a copy of the file.
func funlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
