//go:build unix

package host

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// killGroup kills a process and all it started that stayed in its group.
func killGroup(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL) // an error means there is nobody left
}

// lockFile opens and locks a file, waiting for it if asked to. The lock ends with the process, however it ends, and no
// child inherits it.
func lockFile(path string, wait bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}

// ours says what is wrong with a folder that others could write to: they could put theirs in the place of our sockets.
func ours(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Getuid() {
		return errors.New("it is not a folder of our own")
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others can write to it (mode %s): chmod it to 0700", info.Mode().Perm())
	}
	return nil
}
