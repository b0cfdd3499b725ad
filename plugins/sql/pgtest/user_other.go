//go:build !linux

package pgtest

import (
	"os"
	"os/exec"
)

// asServer leaves cmd as it is: tests do not run as root here.
func asServer(*exec.Cmd) {}

func giveToServer(string) error { return nil }

func endNow(p *os.Process) error { return p.Signal(os.Interrupt) }
