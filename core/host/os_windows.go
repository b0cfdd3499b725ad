package host

import (
	"os"
	"os/exec"
	"syscall"
)

// processAttributes keeps the console's Ctrl-C from a plugin.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

func tame(int, int64) {}

func reap(cmd *exec.Cmd, lastKill func()) error {
	err := cmd.Wait()
	lastKill()
	return err
}

// killGroup ends the process alone: its children need a job object, which we do not make yet.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
		_ = p.Release()
	}
}

func killStrays(string) {}

// lockFile opens a file that cannot be removed as long as it is open, which is all that sweep needs.
func lockFile(path string, _ bool) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}

func ours(string) error { return nil }
