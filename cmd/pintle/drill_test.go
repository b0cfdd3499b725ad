package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// patience is how long a drill waits for anything. It is long: what is measured is whether something happens.
const patience = 60 * time.Second

// place is a folder with a configuration, and pintle as a person would call it there: the test binary under that name, which
// TestMain puts into PATH.
type place struct {
	testing.TB
	dir string
}

// newPlace makes a folder with the configuration hcl and the files given by name.
func newPlace(t testing.TB, hcl string, files map[string]string) place {
	t.Helper()
	p := place{TB: t, dir: t.TempDir()}
	p.write("pintle.hcl", hcl)
	for name, content := range files {
		p.write(name, content)
	}
	return p
}

func (p place) path(name string) string { return filepath.Join(p.dir, name) }

func (p place) write(name, content string) {
	p.Helper()
	if err := os.WriteFile(p.path(name), []byte(content), 0o600); err != nil {
		p.Fatal(err)
	}
}

func (p place) read(name string) string {
	p.Helper()
	b, err := os.ReadFile(p.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.Fatal(err)
	}
	return string(b)
}

// lines returns the whole lines of a file.
func (p place) lines(name string) []string {
	p.Helper()
	text := p.read(name)
	return strings.FieldsFunc(text[:strings.LastIndexByte(text, '\n')+1], func(r rune) bool { return r == '\n' })
}

// result is what a command that has ended leaves.
type result struct {
	code     int
	out, err string
}

// books are the line that run --json ends with.
type books struct {
	hub.Books
	Balanced bool `json:"balanced"`
}

// pintle runs one command to its end. The folder goes last, after args.
func (p place) pintle(args ...string) result {
	p.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pintle", append(args, p.dir)...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	failed := cmd.Run()
	var exit *exec.ExitError
	if failed != nil && !errors.As(failed, &exit) || ctx.Err() != nil {
		p.Fatalf("pintle %v: %v %v\n%s%s", args, failed, ctx.Err(), out.String(), err.String())
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}

// runIdle runs the configuration until all is read and delivered, wants that exit code, and returns the books.
func (p place) runIdle(code int, args ...string) (books, result) {
	p.Helper()
	r := p.pintle(append([]string{"run", "--until-idle", "--json"}, args...)...)
	if r.code != code {
		p.Fatalf("exit code %d, want %d\n%s%s", r.code, code, r.out, r.err)
	}
	return p.balanced(r.out), r
}

// balanced reads the books at the end of an output and checks that they balance.
func (p place) balanced(out string) (b books) {
	p.Helper()
	all := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(all[len(all)-1]), &b); err != nil {
		p.Fatalf("the books: %v in %q", err, out)
	}
	if !b.Balanced {
		p.Errorf("the books do not balance: %+v", b)
	}
	return b
}

// want checks the books of a run: accepted, delivered, dead letters, in flight.
func (b books) want(t testing.TB, accepted, delivered, dead, inFlight uint64) {
	t.Helper()
	if b.Accepted != accepted || b.Delivered != delivered || b.Dead != dead || b.InFlight != inFlight || b.Dropped != 0 {
		t.Errorf("books %+v, want %d accepted, %d delivered, %d dead, %d in flight", b, accepted, delivered, dead, inFlight)
	}
}

// letter is a dead letter as dlq list --json shows it.
type letter struct {
	Stage    string `json:"stage"`
	At       string `json:"at"`
	Event    string `json:"event_id"`
	Code     string `json:"code"`
	Reason   string `json:"reason"`
	Attempts int    `json:"attempts"`
}

func (p place) letters() (list []letter) {
	p.Helper()
	r := p.pintle("dlq", "list", "--json")
	if err := json.Unmarshal([]byte(r.out), &list); r.code != 0 || err != nil {
		p.Fatalf("dlq list: code %d, %v\n%s%s", r.code, err, r.out, r.err)
	}
	return list
}

// says checks that a person is told all the words.
func says(t testing.TB, what, text string, words ...string) {
	t.Helper()
	plain := strings.Join(strings.Fields(text), " ") // lines are broken to fit the screen
	for _, w := range words {
		if !strings.Contains(plain, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}

// await waits until cond holds.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !cond() {
		select {
		case <-deadline:
			t.Fatalf("waited %v in vain for %s", patience, what)
		case <-again.C:
		}
	}
}

// running is a hub in a process of its own.
type running struct {
	place
	cmd      *exec.Cmd
	out, err output
	done     chan struct{} // closed when the process is gone
}

// output is what a process has written so far.
type output struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start starts a hub; it is killed at the end of the test if it still runs.
func (p place) start(args ...string) *running {
	p.Helper()
	h := &running{place: p, done: make(chan struct{})}
	h.cmd = exec.Command("pintle", append(append([]string{"run", "--json"}, args...), p.dir)...)
	h.cmd.Stdout, h.cmd.Stderr = &h.out, &h.err
	if err := h.cmd.Start(); err != nil {
		p.Fatal(err)
	}
	go func() {
		_ = h.cmd.Wait()
		close(h.done)
	}()
	p.Cleanup(func() {
		if p.Failed() {
			p.Logf("the hub said:\n%s", h.err.String())
		}
		h.kill()
	})
	return h
}

// kill ends the hub as a power cut would, and leaves its plugins to notice.
func (h *running) kill() {
	_ = h.cmd.Process.Kill() // it may be gone by itself
	<-h.done
}

// stop ends the hub as a person would; it returns the books.
func (h *running) stop() books {
	h.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.Fatal(err)
	}
	code := h.wait()
	if code != 0 {
		h.Errorf("exit code %d after SIGTERM, want 0", code)
	}
	return h.balanced(h.out.String())
}

// wait waits until the hub has ended by itself, and returns the exit code.
func (h *running) wait() int {
	h.Helper()
	select {
	case <-h.done:
	case <-time.After(patience):
		h.Fatal("the hub does not end")
	}
	return h.cmd.ProcessState.ExitCode()
}

// status asks the hub how it is doing, as soon as it answers.
func (h *running) status() (s hub.Status) {
	h.Helper()
	client := web.NewClient(h.path("data"))
	await(h, "the hub to answer", func() bool {
		select {
		case <-h.done:
			h.Fatalf("the hub has ended:\n%s", h.err.String())
		default:
		}
		var err error
		s, err = client.Status(context.Background())
		return err == nil
	})
	return s
}

// await waits until the hub's status is as wanted.
func (h *running) await(what string, cond func(hub.Status) bool) (s hub.Status) {
	h.Helper()
	await(h, what, func() bool {
		s = h.status()
		return cond(s)
	})
	return s
}
