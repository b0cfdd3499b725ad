package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// serverUser returns the ids to run the server with, as postgres refuses to work for root; nil means: as we are.
func serverUser() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

// asServer makes cmd run as the server's user and end with this process.
func asServer(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: serverUser(), Pdeathsig: syscall.SIGQUIT}
}

// giveToServer makes dir the server's own.
func giveToServer(dir string) error {
	c := serverUser()
	if c == nil {
		return nil
	}
	return os.Chown(dir, int(c.Uid), int(c.Gid))
}

// endNow ends the server as a crash would: its data are not wanted any more.
func endNow(p *os.Process) error { return p.Signal(syscall.SIGQUIT) }
