package host_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pintle-hub/pintle/core/host"
)

// journal is a log one can wait on.
type journal struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed at every write, and replaced
}

func newJournal() *journal { return &journal{changed: make(chan struct{})} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	close(j.changed)
	j.changed = make(chan struct{})
	return j.text.Write(p)
}

func (j *journal) String() string {
	text, _ := j.read()
	return text
}

func (j *journal) read() (string, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String(), j.changed
}

// await waits until the log holds words, and returns the line with them.
func (j *journal) await(t *testing.T, words string) string {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		text, changed := j.read()
		for line := range strings.Lines(text) {
			if strings.Contains(line, words) {
				return line
			}
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("no log line with %q in:\n%s", words, text)
		}
	}
}

func (j *journal) logger() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: j, Level: hclog.Info})
}

func newHost(t *testing.T, c host.Config) *host.Host {
	t.Helper()
	if c.RunDir == "" {
		c.RunDir = shortDir(t)
	}
	h, err := host.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// shortDir is a private folder whose path leaves room for a socket's name, which t.TempDir's does not.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ph")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func program(t *testing.T, mode string) host.Program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return host.Program{
		Name: "probe", Path: self, Args: []string{"__plugin", mode},
		Env: []string{"GORACE=atexit_sleep_ms=0"}, // a binary with the race detector sleeps a second before it exits
	}
}

func start(t *testing.T, h *host.Host, mode string) *host.Process {
	t.Helper()
	p, err := h.Start(t.Context(), program(t, mode))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask calls the plugin's Do.
func ask(ctx context.Context, p *host.Process, words string) (string, error) {
	out := new(wrapperspb.StringValue)
	err := p.Conn().Invoke(ctx, "/hosttest.Plugin/Do", wrapperspb.String(words), out)
	return out.Value, err
}

func mustAsk(t *testing.T, p *host.Process, words string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	answer, err := ask(ctx, p, words)
	if err != nil {
		t.Fatalf("%s: %v", words, err)
	}
	return answer
}

// feed sends n bytes to the plugin.
func feed(ctx context.Context, p *host.Process, n int) error {
	return p.Conn().Invoke(ctx, "/hosttest.Plugin/Eat", wrapperspb.Bytes(make([]byte, n)), new(emptypb.Empty))
}

// feedUnlimited is feed by a client that has forgotten its own limit.
func feedUnlimited(ctx context.Context, p *host.Process, n int) error {
	return p.Conn().Invoke(ctx, "/hosttest.Plugin/Eat", wrapperspb.Bytes(make([]byte, n)), new(emptypb.Empty),
		grpc.MaxCallSendMsgSize(1<<30))
}

// draw has the plugin send n bytes.
func draw(ctx context.Context, p *host.Process, n int) error {
	return p.Conn().Invoke(ctx, "/hosttest.Plugin/Give", wrapperspb.Int64(int64(n)), new(wrapperspb.BytesValue))
}

// awaitDone fails the test when the process is not seen dead within limit.
func awaitDone(t *testing.T, p *host.Process, limit time.Duration) host.Exit {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(limit):
		t.Fatalf("process not seen dead after %s", limit)
	}
	return p.Exit()
}
