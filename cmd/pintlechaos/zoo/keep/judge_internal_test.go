package keep

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func TestTheLedgerIsCheckedForEveryEventOnceAndInOrder(t *testing.T) {
	for name, tt := range map[string]struct{ lines, says string }{
		"all is well":   {"e00000000 5\ne00000001 7\ne00000002 1\n", ""},
		"one is lost":   {"e00000000 5\ne00000002 1\n", "got e00000002, want number 1"},
		"one is double": {"e00000000 5\ne00000000 5\n", "got e00000000, want number 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Show{Dir: t.TempDir()}
			write(t, s.out("good"), tt.lines)
			var r Report
			s.checkLedger(&r)
			wantFault(t, r, tt.says)
		})
	}
}

func TestTheLogIsCheckedForForgeryAndPanics(t *testing.T) {
	const at = "2026-11-22T03:00:00.000Z [INFO]  "
	for name, tt := range map[string]struct{ log, says string }{
		"all is well":        {at + "pintle: ready\n" + at + "pintle.plugin.x: goroutine 7 [running]\n", ""},
		"colours":            {at + "pintle.plugin.x: \x1b[31mred\n", "x1b"},
		"a forged line":      {at + "pintle.plugin.x: a\n2026-01-01T00:00:00Z [ERROR] hub: lost\n", "2026-01-01"},
		"the hub's own end":  {"panic: no\n\ngoroutine 1 [running]:\n", "panic:"},
		"a log without end ": {strings.Repeat("x\n", 5<<20), "bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Show{Dir: t.TempDir()}
			write(t, filepath.Join(s.Dir, "hub.log"), tt.log)
			var r Report
			s.checkLog(&r)
			wantFault(t, r, tt.says)
		})
	}
}

func TestBooksAndFlowAreChecked(t *testing.T) {
	st := hub.Status{Pipelines: []hub.PipelineStatus{{Name: "a", Books: hub.Books{Accepted: 5, Delivered: 4}, Report: flow.Report{Error: "why", State: flow.StateBroken}}}}
	var r Report
	(&Show{}).checkBooks(st, &r)
	wantFault(t, r, "do not balance")
	if got := flowing(st, &st); !strings.Contains(got, "a (4 delivered") || !strings.Contains(got, "broken: why") {
		t.Errorf("a pipeline that stands still: %q", got)
	}
	if got := flowing(st, nil); got != "" {
		t.Errorf("a pipeline that has delivered: %q", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantFault wants a fault that says so, or none when says is empty.
func wantFault(t *testing.T, r Report, says string) {
	t.Helper()
	if all := strings.Join(r.Faults, "; "); says == "" && all != "" || !strings.Contains(all, says) {
		t.Errorf("faults %.300q, want %q", all, says)
	}
}
