//go:build unix && !linux

package host

import (
	"os/exec"
	"syscall"
)

// processAttributes puts a plugin in a process group of its own. There is no Pdeathsig here: only the stdin life line ends
// a plugin whose hub died.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func tame(int, int64) {}

// reap collects the process and then ends its group. Between the two its pid could in theory get a new owner.
func reap(cmd *exec.Cmd, lastKill func()) error {
	err := cmd.Wait()
	lastKill()
	return err
}

func killStrays(string) {} // there is no /proc to find them in
