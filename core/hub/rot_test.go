package hub_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/hub"
)

// Files of the log that get shorter under a running hub are told of within ten seconds: whose they are, and how many. The hub
// goes on.
func TestDamageUnderARunningHubIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openGate(t, dir, 500)
	hcl := strings.Replace(chain(dir, 1000, "", ""), "count =", "chunk = 20\n  pause = \"1ms\"\n  gate = \""+filepath.Join(dir, "gate")+"\"\n  count =", 1)
	h, err := hub.Open(t.Context(), options(t, load(t, dir, hcl)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	await(t, "events to flow", func() bool { return h.Status(t.Context()).Books.Delivered == 500 })
	blocks, err := filepath.Glob(filepath.Join(dir, "data", "jetstream", "$G", "streams", "EV", "msgs", "*.blk"))
	if err != nil || len(blocks) != 1 {
		t.Fatal(blocks, err)
	}
	info, err := os.Stat(blocks[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(blocks[0], info.Size()/2); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var s hub.Status
	await(t, "the damage to be told", func() bool { s = h.Status(t.Context()); return len(s.Log.Damage) > 0 && len(s.Errors) > 0 })
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("told after %v", took)
	}
	if d := s.Log.Damage[0]; d.Stream != broker.Events || !strings.Contains(s.Errors[0], "restore the log from a backup") {
		t.Errorf("damage %+v, errors %q", d, s.Errors)
	}
	stop()
	if err := errors.Join(<-ended, h.Close()); !errors.Is(err, broker.ErrDamaged) {
		t.Errorf("run: %v, want ErrDamaged", err)
	}
}
