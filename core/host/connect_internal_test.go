package host

import (
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// go-plugin forgets the connection it is opening when the plugin dies at that very moment. From outside, the moment cannot
// be hit on purpose.
func TestConnectToADeadPluginLeaksNothing(t *testing.T) {
	dir, err := os.MkdirTemp("", "ph")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	h, err := New(Config{RunDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(h, Program{Name: "probe", Path: self, Args: []string{"__plugin", "fleeting"}})
	if _, err := p.client.Start(); err == nil { // else it was dead before its first words were read
		<-p.runner.done
		for !p.client.Exited() {
			runtime.Gosched()
		}
		_, _ = p.connect() // an error, or a connection that p owns
	}
	p.watch()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t)
}
