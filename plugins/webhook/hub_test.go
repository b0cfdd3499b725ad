package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/plugins/webhook"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hub takes events when it may: a call waits for gate (if there is one) and returns what comes out of it.
type hub struct {
	gate    chan error
	entered chan struct{} // told of each call that waits, if there is a gate

	mu     sync.Mutex // guards all below
	events []sdk.Event
	calls  int
}

func (h *hub) Emit(ctx context.Context, _ sdk.Position, events ...sdk.Event) error {
	if _, err := sdk.BatchOf(events...); err != nil {
		return err
	}
	if h.gate != nil {
		h.entered <- struct{}{}
		select {
		case err := <-h.gate:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	h.events = append(h.events, events...)
	return nil
}

// gated returns a hub whose calls wait.
func gated() *hub { return &hub{gate: make(chan error, 4), entered: make(chan struct{}, 100)} }

func (h *hub) Send(context.Context, sdk.Position, ...sdk.Event) error {
	panic("a push source must wait until its events are durable")
}

func (h *hub) stored() []sdk.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]sdk.Event(nil), h.events...)
}

// logs is the default logger of a test: it tells the address that the source listens on, and keeps all it is told.
type logs struct {
	address chan string
	mu      sync.Mutex // guards text
	text    bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var line struct{ Msg, Address string }
	if json.Unmarshal(b, &line) == nil && line.Address != "" {
		l.address <- line.Address
	}
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// running is a source that listens.
type running struct {
	t    *testing.T
	url  string
	log  *logs
	stop func() error // ends it; may be called again
}

func open(config map[string]any) (sdk.Source, error) {
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return webhook.Source().Open(context.Background(), raw)
}

func start(t *testing.T, config map[string]any, out sdk.Emitter) *running {
	t.Helper()
	log := &logs{address: make(chan string, 1)}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	config["listen"] = "127.0.0.1:0"
	s, err := open(config)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, nil, out) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
		slog.SetDefault(before)
	})
	path, _ := config["path"].(string)
	return &running{t: t, url: "http://" + <-log.address + path, log: log, stop: stop}
}

// reply is what a sender hears.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// post posts a body; headers are names and values in turn.
func (r *running) post(body string, headers ...string) reply {
	r.t.Helper()
	return r.do(http.MethodPost, r.url, strings.NewReader(body), headers...)
}

func (r *running) do(method, url string, body io.Reader, headers ...string) reply {
	r.t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Errorf("request: %v", err)
		return reply{}
	}
	defer resp.Body.Close()
	got := reply{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&got.body); err != nil {
		r.t.Errorf("answer of status %d: %v", resp.StatusCode, err)
	}
	return got
}
