//go:build linux

package host_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/host"
)

// A plugin that takes more than its share is killed before it takes the machine, and the end tells why.
func TestWhoHoldsTooMuchIsKilled(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, ask, says string }{
		{"memory", "hold 150", "MiB of memory, at most 100 are allowed (memory in its plugin block)"},
		{"processes", "children 300", "processes, at most 256 are allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, host.Config{})
			greedy, modest := program(t, "good"), start(t, h, "good")
			greedy.MemoryLimit = 100 << 20
			p, err := h.Start(t.Context(), greedy)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ask(t.Context(), p, tt.ask) // the guard may be quicker than the answer
			exit := awaitDone(t, p, 20*time.Second)
			if !exit.ByHost || !strings.Contains(exit.String(), tt.says) {
				t.Errorf("exit says %q after %v: %.500s", exit, err, exit.Words)
			}
			if got := mustAsk(t, modest, "echo alive"); got != "alive" {
				t.Errorf("another plugin: %q", got)
			}
		})
	}
}

// What a plugin may hold is its own memory: no limit of the kernel stands below the one it is promised.
func TestWhatIsAllowedCanBeHeld(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	modest := program(t, "good")
	modest.MemoryLimit = 600 << 20 // the race detector multiplies what is held
	p, err := h.Start(t.Context(), modest)
	if err != nil {
		t.Fatal(err)
	}
	mustAsk(t, p, "hold 80")
	select {
	case <-p.Done():
		t.Errorf("it %s", p.Exit())
	case <-time.After(2500 * time.Millisecond): // two looks
	}
}

// A child that has left the plugin's process group goes with the plugin, not only with the hub.
func TestADaemonDiesWithItsPlugin(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	p, other := start(t, h, "good"), start(t, h, "good")
	daemon, err := strconv.Atoi(mustAsk(t, p, "daemon"))
	if err != nil {
		t.Fatal(err)
	}
	signalTo(t, p.Pid(), syscall.SIGKILL)
	awaitDone(t, p, 5*time.Second)
	awaitGone(t, daemon)
	if got := mustAsk(t, other, "echo alive"); got != "alive" {
		t.Errorf("another plugin: %q", got)
	}
}
