//go:build unix

package wire

import "syscall"

// endGroup kills this process and all it started, when it leads its own group, as every plugin the hub starts does.
// Otherwise it does nothing and main's exit has to do.
func endGroup() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}
