//go:build unix

package doctor

import "syscall"

// openFiles returns how many files a process may have open. Go raises the first to the second by itself.
func openFiles() (soft, hard uint64, ok bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, 0, false
	}
	return uint64(r.Cur), uint64(r.Max), true
}
