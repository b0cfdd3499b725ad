package host

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Exit says how a plugin's process ended.
type Exit struct {
	Code   int            // its exit code; -1 when a signal ended it or it never ran
	Signal syscall.Signal // the signal that ended it; 0 when none did
	ByHost bool           // the hub killed it
	Why    string         // why the hub killed it, when it did so on its own account
	Lived  time.Duration  // from start to end; 0 when it never ran
	Words  string         // the end of what it printed, at most 64 KiB, without control characters
	Err    error          // why it could not be run at all; nil once it ran
}

// String is a phrase such as "was killed by signal 9 (out of memory?) after 3s".
func (e Exit) String() string {
	if e.Err != nil {
		return "could not be run: " + e.Err.Error()
	}
	lived := e.Lived.Round(time.Millisecond)
	switch {
	case e.ByHost && e.Why != "":
		return fmt.Sprintf("was killed by the hub after %s: %s", lived, e.Why)
	case e.ByHost:
		return fmt.Sprintf("was killed by the hub after %s", lived)
	case e.Signal == syscall.SIGKILL:
		return fmt.Sprintf("was killed by signal 9 (out of memory?) after %s", lived)
	case e.Signal != 0:
		return fmt.Sprintf("was killed by signal %d (%s) after %s", int(e.Signal), e.Signal, lived)
	case e.Code == 2 && panicked(e.Words):
		return fmt.Sprintf("crashed (Go panic, code 2) after %s", lived)
	}
	return fmt.Sprintf("exited with code %d after %s", e.Code, lived)
}

func panicked(words string) bool {
	return strings.Contains(words, "panic: ") || strings.Contains(words, "fatal error: ")
}

// What an error quotes of last words, at most. A panic has its reason at the beginning and is quoted with all lines.
const (
	quoted      = 4 << 10 // bytes
	quotedLines = 10
)

// quote is the end of Words, for an error message.
func (e Exit) quote() string {
	words := strings.TrimSpace(e.Words)
	if words == "" {
		return "; it printed nothing"
	}
	if len(words) > quoted {
		words = words[len(words)-quoted:]
		if _, rest, ok := strings.Cut(words, "\n"); ok {
			words = rest
		}
	}
	if lines := strings.Split(words, "\n"); len(lines) > quotedLines && !panicked(words) {
		words = strings.Join(lines[len(lines)-quotedLines:], "\n")
	}
	return "; its last words:\n  " + strings.ReplaceAll(words, "\n", "\n  ")
}

// exitOf reads the result of exec.Cmd.Wait.
func (r *runner) exitOf(err error) Exit {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := Exit{Lived: max(time.Since(r.started), 1), Words: r.sink.words()}
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		e.Code = -1 // somebody else reaped it
		return e
	}
	e.Code = r.cmd.ProcessState.ExitCode()
	if status, ok := r.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Signal = status.Signal()
	}
	e.ByHost = r.killed && e.Code == -1
	if e.ByHost {
		e.Why = r.why
	}
	return e
}
