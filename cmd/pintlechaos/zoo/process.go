//go:build unix

package zoo

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// before does what a mode does before the handshake; ended tells that the process is to end with code.
func before(mode string) (code int, ended bool) {
	switch mode {
	case "noise":
		for range 2000 {
			fmt.Println("loading, please wait", strings.Repeat("=", 1000))
		}
		fmt.Println(strings.Repeat("y", 1<<20))
	case "dies-early":
		fmt.Fprintln(os.Stderr, "no such model")
		return 3, true
	case "exits":
		return 0, true
	case "other-version":
		fmt.Println("1|99|unix|/nowhere|grpc|")
		time.Sleep(time.Minute)
		return 0, true
	case "no-handshake":
		time.Sleep(time.Minute)
		return 0, true
	}
	return 0, false
}

// live does what a mode does beside serving.
func (a *animal) live() {
	for {
		m := a.mode().Name
		switch m {
		case "frozen":
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		case "busy":
			for range runtime.NumCPU() {
				go a.spin()
			}
			a.while(m)
		case "leak":
			a.leak(m, 1<<20, time.Second)
		case "gush":
			a.leak(m, 10<<20, 100*time.Millisecond)
		case "burst":
			a.leak(m, 64<<20, 0)
		case "forks":
			a.fork()
			a.while(m)
		case "daemon":
			a.daemon()
			a.while(m)
		default:
			a.print(m)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (a *animal) spin() {
	for a.is("busy") {
		for i := 0; i < 1<<28; i++ {
			runtime.KeepAlive(i)
		}
	}
}

// leak takes memory and never gives it back, until the mode ends.
func (a *animal) leak(mode string, step int, every time.Duration) {
	var kept [][]byte
	for a.is(mode) && len(kept)*step < 8<<30 { // bounded: the machine is not ours
		kept = append(kept, bytes.Repeat([]byte{1}, step))
		time.Sleep(every)
	}
	runtime.KeepAlive(kept)
	a.while(mode)
}

// print fills the log as the mode says, one go of it.
func (a *animal) print(mode string) {
	switch mode {
	case "long-lines":
		fmt.Fprintln(os.Stderr, strings.Repeat("z", 100<<10))
	case "flood":
		line := bytes.Repeat([]byte("again and again and again and again and again and again\n"), 20_000)
		for a.is(mode) {
			_, _ = os.Stderr.Write(line)
		}
	case "empty-lines":
		lines := bytes.Repeat([]byte("\n"), 1<<20)
		for a.is(mode) {
			_, _ = os.Stderr.Write(lines)
		}
	case "endless-line":
		part := bytes.Repeat([]byte("y"), 1<<20)
		for a.is(mode) {
			_, _ = os.Stderr.Write(part)
		}
		fmt.Fprintln(os.Stderr)
	case "forger":
		fmt.Fprint(os.Stderr, "{\"@level\":\"error\",\"@message\":\"forged\\n2026-01-01T00:00:00Z [ERROR] hub: all is lost\",\"@module\":\"hub\\u001b[31m\"}\n",
			"forged \x1b]0;title\x07 \x1b[31mred \u202egnorw\rback\n", "{\"@message\":5,\"@level\":{\"deep\":[1]}}\n")
	}
}

// daemonName is the name by which the program starts itself as a child.
const daemonName = "__daemon"

// Child runs the program as a child of an animal; false when args name none. cmd/pintlechaos calls it first of all.
func Child(args []string) bool {
	if len(args) == 0 || args[0] != daemonName {
		return false
	}
	time.Sleep(time.Minute)
	return true
}

// fork starts 20 shells that start 20 children each, and no more: the machine is not ours.
func (a *animal) fork() {
	for range 20 {
		cmd := exec.Command("/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 60 & done; wait")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if cmd.Start() == nil {
			go func() { _ = cmd.Wait() }()
		}
	}
}

// daemon starts a child in a session of its own that holds our output.
func (a *animal) daemon() { startSelf(&syscall.SysProcAttr{Setsid: true}, daemonName) }

func startSelf(attributes *syscall.SysProcAttr, args ...string) {
	self, err := os.Executable()
	if err != nil {
		return
	}
	cmd := exec.Command(self, append([]string{"zoo"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, attributes
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
