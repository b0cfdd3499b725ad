package hub_test

import (
	"syscall"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
)

// A plugin that dies while there is nothing to do is started again, and status does not call it running meanwhile for ever.
func TestAPluginThatDiesIdleIsStartedAgain(t *testing.T) {
	dir := t.TempDir()
	h, _ := staying(t, dir, chain(dir, 100, "", ""))
	idle(t, h)
	blocks := func() map[string]flow.Report {
		p := h.Status(t.Context()).Pipelines[0]
		return map[string]flow.Report{"analyzer": p.Hops[0].Report, "sink": p.Sinks[0].Report}
	}
	before := blocks()
	for name, b := range before {
		if b.Pid == 0 {
			t.Fatalf("the %s has no process: %+v", name, b)
		}
		if err := syscall.Kill(int(b.Pid), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	for name := range before {
		await(t, "the "+name+" to be started again", func() bool {
			b := blocks()[name]
			return b.State == flow.StateRunning && b.Pid != 0 && b.Pid != before[name].Pid
		})
	}
	if b := idle(t, h); b.Delivered != 100 {
		t.Errorf("books: %+v", b)
	}
}
