package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/core/host"
)

func TestStartCallStop(t *testing.T) {
	h := newHost(t, host.Config{})
	began := time.Now()
	p := start(t, h, "good")
	t.Logf("started in %s", time.Since(began))
	if got := mustAsk(t, p, "echo hello"); got != "hello" {
		t.Errorf("echo hello = %q", got)
	}
	if err := p.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if u, err := p.Usage(); err != nil || u.RSS < 1<<20 {
		t.Errorf("usage = %+v, %v", u, err)
	}
	if got := p.Exit(); got != (host.Exit{}) {
		t.Errorf("exit of a living process = %+v", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	exit := awaitDone(t, p, time.Second)
	if exit.Code != 0 || exit.Signal != 0 || exit.ByHost || exit.Lived <= 0 {
		t.Errorf("exit = %+v", exit)
	}
	if _, err := p.Usage(); err == nil {
		t.Error("usage of a dead process")
	}
	if err := p.Ping(t.Context()); err == nil {
		t.Error("a dead process answers a ping")
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

func TestStartTellsWhatIsWrong(t *testing.T) {
	notProgram := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(notProgram, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		program host.Program
		want    []string
	}{
		"no name":        {host.Program{Path: "/bin/true"}, []string{"has no name"}},
		"relative path":  {host.Program{Name: "x", Path: "rss"}, []string{`"x"`, `"rss" is not absolute`}},
		"bad env":        {host.Program{Name: "x", Path: "/bin/true", Env: []string{"sesame"}}, []string{"KEY=value"}},
		"no such file":   {host.Program{Name: "x", Path: "/no/such/file"}, []string{"run /no/such/file", "no such file"}},
		"not a program":  {host.Program{Name: "x", Path: notProgram}, []string{"run " + notProgram, "permission denied"}},
		"not a plugin":   {host.Program{Name: "x", Path: "/bin/true"}, []string{"exited with code 0", "printed nothing"}},
		"dies":           {program(t, "dies"), []string{`"probe"`, "exited with code 3", "no such model: support-77"}},
		"dies connected": {program(t, "fleeting"), []string{"exited with code 7"}},
		"old protocol":   {program(t, "garbage"), []string{"incompatible API version"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, host.Config{})
			_, err := h.Start(t.Context(), c.program)
			if err == nil {
				t.Fatal("started")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error has no %q: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "sesame") {
				t.Errorf("error shows a value that may be secret: %v", err)
			}
		})
	}
}

// A program that is no plugin and talks without end is quoted with its last few lines.
func TestStartQuotesFewWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "talker")
	script := "#!/bin/sh\ni=0\nwhile [ $i -lt 500 ]; do echo \"line $i\"; i=$((i+1)); done\nexit 1\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := newHost(t, host.Config{}).Start(t.Context(), host.Program{Name: "x", Path: path})
	if err == nil || !strings.Contains(err.Error(), "line 499") || strings.Contains(err.Error(), "line 489\n") {
		t.Errorf("error = %v, want the last ten lines", err)
	}
}

// The last words are heard to the end, however long the log takes to write down what came before them.
func TestLastWordsOutliveASlowLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "talker")
	script := "#!/bin/sh\ni=0\nwhile [ $i -lt 500 ]; do echo \"line $i\"; i=$((i+1)); done\nexit 1\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	terminal := slowTerminal{time.NewTicker(4 * time.Millisecond)}
	defer terminal.Stop()
	logger := hclog.New(&hclog.LoggerOptions{Output: terminal})
	_, err := newHost(t, host.Config{Logger: logger, LogRate: 1000}).Start(t.Context(), host.Program{Name: "x", Path: path})
	if err == nil || !strings.Contains(err.Error(), "line 499") {
		t.Errorf("error = %v, want the last line", err)
	}
}

// slowTerminal takes one write a tick.
type slowTerminal struct{ *time.Ticker }

func (s slowTerminal) Write(p []byte) (int, error) {
	<-s.C
	return len(p), nil
}

// A plugin that never says a word, and one that says where it listens and then does not, are both given up in time.
func TestStartTimeout(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"silent", "deaf"} {
		t.Run(mode, func(t *testing.T) {
			h := newHost(t, host.Config{StartTimeout: 500 * time.Millisecond})
			began := time.Now()
			_, err := h.Start(t.Context(), program(t, mode))
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "500ms at most") {
				t.Errorf("error = %v", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := h.Start(ctx, program(t, "silent")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v", err)
	}
}

// Wherever the start was when it was given up, nothing is left of it.
func TestCancelledStartLeavesNothing(t *testing.T) {
	dir := shortDir(t)
	h := newHost(t, host.Config{RunDir: dir})
	for i := range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
		if p, err := h.Start(ctx, program(t, "good")); err == nil {
			p.Kill()
			_ = p.Stop(t.Context())
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d ms: %v", i, err)
		}
		cancel()
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "plugin*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// cat ends when its stdin does.
func TestStdinStaysOpenAsLongAsTheHubLives(t *testing.T) {
	h := newHost(t, host.Config{StartTimeout: 300 * time.Millisecond})
	if _, err := h.Start(t.Context(), host.Program{Name: "cat", Path: "/bin/cat"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v", err)
	}
}

func TestClosedHostStartsNothing(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if exit := awaitDone(t, p, time.Second); !exit.ByHost {
		t.Errorf("exit = %+v", exit)
	}
	if _, err := h.Start(t.Context(), program(t, "good")); !errors.Is(err, host.ErrClosed) {
		t.Errorf("error = %v", err)
	}
}

// Closing while plugins start ends them all, and every Start returns.
func TestCloseWhileStarting(t *testing.T) {
	h := newHost(t, host.Config{})
	errs := make(chan error)
	const n = 8
	for i := range n {
		go func() {
			_, err := h.Start(t.Context(), program(t, []string{"good", "silent"}[i%2]))
			errs <- err
		}()
	}
	first := <-errs // one is up, the others are anywhere
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if first != nil {
		t.Error(first)
	}
	for range n - 1 {
		<-errs // an error, or nil for a plugin that Close has killed since
	}
}

func TestPluginDoesNotReadTheHubsStdin(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	if got := mustAsk(t, p, "stdin"); got != "" { // at once: the life line stays open
		t.Errorf("stdin = %q", got)
	}
	if err := p.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("PINTLE_TEST_SECRET", "hunter2")
	t.Setenv("GRANTED", "the hub's")
	t.Setenv("TZ", "Asia/Tokyo")
	h := newHost(t, host.Config{})
	probe := program(t, "good")
	probe.Env = append(probe.Env, "GRANTED=yes")
	probe.MemoryLimit = 64 << 20
	p, err := h.Start(t.Context(), probe)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"PINTLE_TEST_SECRET":  "false ",
		"GRANTED":             "true yes",
		"TZ":                  "true Asia/Tokyo",
		"PINTLE_MEMORY_LIMIT": "true 50331648",
	} {
		if got := mustAsk(t, p, "env "+name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	allowed := []string{"PATH", "HOME", "TMPDIR", "TZ", "LANG", "GRANTED", "GORACE"}
	for line := range strings.Lines(mustAsk(t, p, "names")) {
		name, _, _ := strings.Cut(line, "=")
		ours := strings.HasPrefix(name, "PLUGIN_") || strings.HasPrefix(name, "PINTLE_")
		proxy := strings.HasSuffix(strings.ToLower(name), "_proxy") || strings.HasPrefix(name, "SSL_CERT_")
		if !ours && !proxy && !slices.Contains(allowed, name) {
			t.Errorf("the plugin sees %s", name)
		}
	}
}

func TestMessageLimit(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	for name, call := range map[string]func(context.Context, *host.Process, int) error{
		"sent by the hub":       feed,
		"sent against our rule": feedUnlimited,
		"sent by the plugin":    draw,
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(t.Context(), p, 15<<20); err != nil {
				t.Errorf("15 MiB: %v", err)
			}
			err := call(t.Context(), p, 64<<20)
			if status.Code(err) != codes.ResourceExhausted || !strings.Contains(err.Error(), "16777216") {
				t.Errorf("64 MiB: %v", err)
			}
			if got := mustAsk(t, p, "echo still here"); got != "still here" {
				t.Errorf("echo = %q", got)
			}
		})
	}
}

func TestCallThatNeverAnswers(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, p, "hang"); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("error = %v", err)
	}
	if err := p.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Stop(t.Context()); err != nil { // the hanging call does not hold up a stop
		t.Error(err)
	}
}
