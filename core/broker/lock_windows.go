package broker

import (
	"os"

	"golang.org/x/sys/windows"
)

// flock takes a byte far behind the process id for this process, or fails at once. A locked byte cannot be read by
// others on Windows, and the id must stay readable. The system frees it when the process ends, however.
func flock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: 1 << 20})
}

// shared takes the byte beside others who share it, or fails at once when somebody has it alone. It is freed with the file.
func shared(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{Offset: 1 << 20})
}

// funlock does nothing: no other process has a copy of the file.
func funlock(*os.File) {}
