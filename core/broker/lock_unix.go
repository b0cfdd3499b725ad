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

// shared takes the file beside others who share it, or fails at once when somebody has it whole.
func shared(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) }
