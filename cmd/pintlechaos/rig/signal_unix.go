//go:build unix

package rig

import "syscall"

// Pause stops a process as it is, as a machine that hangs does; Continue lets it go on.
func Pause(pid int) error { return syscall.Kill(pid, syscall.SIGSTOP) }

// Continue lets a paused process go on.
func Continue(pid int) error { return syscall.Kill(pid, syscall.SIGCONT) }

// terminate asks a process to end.
func terminate(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }

// Hangup makes the hub read its configuration again, as its service manager does.
func (h *Hub) Hangup() error { return syscall.Kill(h.Pid(), syscall.SIGHUP) }
