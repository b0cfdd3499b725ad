package host_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
)

// A program that was replaced since the configuration was read is not started: nobody has checked the settings for it.
func TestAReplacedProgramIsNotStarted(t *testing.T) {
	p := program(t, "good")
	own, err := os.ReadFile(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(own)
	p.Path, p.Digest = filepath.Join(t.TempDir(), "plugin"), hex.EncodeToString(sum[:])
	write := func(b []byte) {
		if err := os.WriteFile(p.Path+".new", b, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(p.Path+".new", p.Path); err != nil {
			t.Fatal(err)
		}
	}
	h := newHost(t, host.Config{})
	write(append(own, '\n'))
	_, err = h.Start(t.Context(), p)
	if sdk.CodeOf(err) != sdk.Unavailable || !strings.Contains(err.Error(), "was replaced since the configuration was read") {
		t.Errorf("another program: %v", err)
	}
	write(own)
	process, err := h.Start(t.Context(), p)
	if err != nil {
		t.Fatalf("the one that was asked: %v", err)
	}
	if err := process.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A hub whose own file was replaced or removed by an upgrade still starts its plugins, and of its own version.
func TestTheRunningProgramStartsItselfWhateverIsAtItsPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux names the file of a process")
	}
	h := newHost(t, host.Config{})
	p := program(t, "good")
	self := p.Path
	p.Path = "/proc/self/exe"
	process, err := h.Start(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := mustAsk(t, process, "called"); got != self {
		t.Errorf("it is called %q, want %q", got, self)
	}
	if err := process.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
