package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// A hub that acknowledges what is not on disk yet must not get through the power cuts; or they prove nothing.
func TestAHubThatDoesNotSyncIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the hub")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	dir := t.TempDir()
	self, err := rig.Build(ctx, dir, "cmd/pintlechaos")
	if err != nil {
		t.Fatal(err)
	}
	lazy, err := rig.Build(ctx, dir, "cmd/pintle", "-overlay", overlay(t, "core/broker/embedded.go",
		"SyncAlways:         true,", "SyncAlways:         false,"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := rig.Open(ctx, rig.Options{Dir: filepath.Join(dir, "run"), Hub: lazy, Self: self, Seed: 1, Slack: 4})
	if err != nil {
		t.Fatal(err)
	}
	fault := runPower(ctx, e, 2)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := e.Verdict()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(errText(fault), "damaged") && report.Finding("lost").Verdict != check.Fail {
		t.Errorf("a hub that does not sync was not caught: %v, %+v", fault, report.Findings)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// overlay is a file for go build -overlay that replaces text in a file of this module, which must be there exactly once.
func overlay(t *testing.T, file, text, by string) string {
	t.Helper()
	root, err := rig.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, file)
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), text); n != 1 {
		t.Fatalf("%q is %d times in %s: say anew what is to be changed", text, n, file)
	}
	changed := filepath.Join(t.TempDir(), "changed.go")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "overlay.json")
	for path, text := range map[string][]byte{changed: []byte(strings.Replace(string(source), text, by, 1)), out: list} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
