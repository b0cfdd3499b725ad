package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// buffer keeps what is logged.
type buffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Two birds that must not be heard: what a customer said, and a secret of the configuration.
const (
	said   = "canary-in-the-text-7f3a"
	secret = "canary-in-the-settings-91c4"
)

// Whatever goes wrong, nobody reads a customer's words or a secret in logs, errors, status or the command line of a process.
func TestNoWordAndNoSecretIsTold(t *testing.T) {
	dir := t.TempDir()
	hcl := chain(dir, 700, `panic = ["n0000033"]
  error = ["n0000044"]
  die   = ["n0000055"]`, fmt.Sprintf(`token  = %q
  reject = ["n0000011"]
  retry  = ["n0000022"]`, secret))
	hcl = strings.Replace(hcl, "count =", fmt.Sprintf("hex   = \"%x\"\n  bad   = 66\n  count =", said), 1)
	log := &buffer{}
	o := options(t, load(t, dir, hcl))
	o.UntilIdle = false
	o.Logger = hclog.New(&hclog.LoggerOptions{Output: log, Level: hclog.Trace})
	h, finish := backgroundUntil(t, o)
	await(t, "the hub to be idle", h.Idle)
	hear(t, "the processes", commandLines(t, dir))
	_, err := h.Reload(t.Context(), load(t, dir, strings.Replace(hcl, filepath.Join(dir, "out"), filepath.Join(dir, "no", "folder"), 1)))
	if err == nil {
		t.Error("a sink without a file was taken")
	}
	hear(t, "the error of a reload", fmt.Sprintf("%v %+v", err, err))
	dead, err := h.DeadLetters(t.Context())
	if err != nil || len(dead) != 5 {
		t.Errorf("dead letters: %d, %v", len(dead), err)
	}
	for _, d := range dead {
		if d.Stage != flow.StageSource { // it quotes what could not be read, and the test's source quotes nothing
			hear(t, "a dead letter's reason", d.Reason+d.Code+d.Field)
		}
	}
	s := finish()
	status, err := json.Marshal([]any{s, h.Running(), h.Insights()})
	if err != nil {
		t.Fatal(err)
	}
	hear(t, "the status", string(status))
	hear(t, "the log", log.String())
	if !strings.Contains(log.String(), "[DEBUG]") || !strings.Contains(log.String(), "plugin failed") {
		t.Error("the log says too little to prove anything")
	}
	if s.Books.Delivered != 695 || s.Books.Dead != 5 {
		t.Errorf("books: %+v", s.Books)
	}
	noSecretIn(t, filepath.Join(dir, "data"))
}

// hear fails when a canary is in text.
func hear(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range []string{said, secret} {
		if i := strings.Index(text, canary); i >= 0 {
			t.Errorf("%s is told in %s: ...%s...", canary, where, text[max(0, i-200):min(len(text), i+60)])
		}
	}
}

// commandLines returns arguments and environment of the processes that work in dir.
func commandLines(t *testing.T, dir string) string {
	t.Helper()
	var all []byte
	for _, pid := range alive(t, dir) {
		for _, file := range []string{"cmdline", "environ"} {
			b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)) // it may have gone
			all = append(all, b...)
		}
	}
	if len(all) == 0 {
		t.Error("no process was found")
	}
	return string(all)
}

// noSecretIn looks for the secret in all files.
func noSecretIn(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// backgroundUntil runs a hub until the returned function is called.
func backgroundUntil(t *testing.T, o hub.Options) (*hub.Hub, func() hub.Status) {
	t.Helper()
	h, err := hub.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	var last hub.Status
	stop := func() hub.Status {
		if done != nil {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("run: %v", err)
			}
			done = nil
			last = h.Status(context.Background())
			if err := h.Close(); err != nil {
				t.Error(err)
			}
		}
		return last
	}
	t.Cleanup(func() { stop() })
	return h, stop
}
