package host

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// processAttributes puts a plugin in a process group of its own (Ctrl-C in the terminal is not for it, and one signal ends
// it with all its children), and has the kernel kill it when the hub dies: the belt to the braces of the stdin life line,
// for a plugin that is stopped or does not watch its stdin. The belt works only as spawner uses it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// plugins die first when the machine runs out of memory, not the hub.
const oomScore = "500"

// tame sets what a process cannot be started with. Failing is no reason not to run it.
func tame(pid int, memory int64) {
	capMemory(pid, memory)
	_ = os.WriteFile(filepath.Join("/proc", strconv.Itoa(pid), "oom_score_adj"), []byte(oomScore), 0)
	_ = unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil) // a core dump would hold customers' words // promise 10
}

// reap waits for the process to end, calls lastKill while its pid is still its own, and collects its status.
func reap(cmd *exec.Cmd, lastKill func()) error {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	lastKill()
	return cmd.Wait()
}

// killStrays kills the processes that were started with their sockets in dir or below: plugins a dead hub left behind, and
// helpers that left their plugin's process group.
func killStrays(dir string) {
	mark := []byte("\x00PLUGIN_UNIX_SOCKET_DIR=" + dir)
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return
	}
	for _, path := range environments {
		env, err := os.ReadFile(path) // we may read our own user's only
		_, rest, marked := bytes.Cut(append([]byte{0}, env...), mark)
		if err != nil || !marked || len(rest) > 0 && rest[0] != '/' && rest[0] != 0 {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
