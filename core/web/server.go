package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// Hub is what the API serves.
type Hub interface {
	Status(ctx context.Context) hub.Status
	Running() hub.Running
	Insights() []flow.Headline
	DeadLetters(ctx context.Context) ([]hub.DeadLetter, error)
	ReplayDead(ctx context.Context, seq uint64) error
	DropDead(ctx context.Context, seq uint64) error
	Fsck(ctx context.Context) (hub.Checked, error)
}

// Server serves the admin API of one hub.
type Server struct {
	Hub Hub
	// Reload reads the configuration again and gives it to the hub.
	Reload func(ctx context.Context) (hub.Changes, error)
}

// Socket returns where the API of the hub with that data directory listens.
func Socket(dataDir string) string { return filepath.Join(dataDir, "admin", "pintle.sock") }

// callTimeout bounds a request; a reload starts processes.
const callTimeout = 2 * time.Minute

// Run listens on the socket of the data directory and serves until ctx ends. The caller holds the lock on the data directory,
// so a socket that is there is a leftover.
func (s *Server) Run(ctx context.Context, dataDir string) error {
	path := Socket(dataDir)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the admin socket: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the old admin socket: %w", err)
	}
	l, err := listen(path)
	if err != nil {
		return fmt.Errorf("listen on the admin socket: %w", err)
	}
	return serve(ctx, l, s.Handler())
}

// RunMetrics serves /metrics, and nothing else, on a TCP address until ctx ends. The configuration has made sure that only this
// machine reaches it.
func (s *Server) RunMetrics(ctx context.Context, address string) error {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return sdk.Errorf(sdk.Unavailable, "serve figures: %w; set another pintle { metrics { listen = ... } }", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", local(Metrics(s.Hub)))
	return serve(ctx, l, mux)
}

// local refuses requests for other names, which a page in a browser of this machine may send after its name was made to mean us.
func local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "ask for localhost or 127.0.0.1", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// serve answers until ctx ends.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	stop := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(bounded) != nil {
			_ = server.Close()
		}
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// listen makes the socket. A path that is too long for one (about 100 bytes) is reached through the open folder.
func listen(path string) (net.Listener, error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return net.Listen("unix", short(dir, path))
}

// short returns a path to the socket that fits into a socket address.
func short(dir *os.File, path string) string {
	if len(path) < 100 {
		return path
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
}

// Handler returns the API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) { answer(w, s.Hub.Status(r.Context()), nil) })
	mux.Handle("GET /metrics", Metrics(s.Hub))
	mux.HandleFunc("GET /v1/plan", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.Hub.Running(), nil) })
	mux.HandleFunc("GET /v1/insights", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.Hub.Insights(), nil) })
	mux.HandleFunc("POST /v1/reload", s.bounded(func(ctx context.Context, _ *http.Request) (any, error) { return s.Reload(ctx) }))
	mux.HandleFunc("POST /v1/fsck", func(w http.ResponseWriter, r *http.Request) { // as long as it takes and somebody waits for it
		v, err := s.Hub.Fsck(r.Context())
		answer(w, v, err)
	})
	mux.HandleFunc("GET /v1/dead", s.bounded(func(ctx context.Context, _ *http.Request) (any, error) { return s.Hub.DeadLetters(ctx) }))
	mux.HandleFunc("POST /v1/dead/{seq}/replay", s.dead(func(ctx context.Context, seq uint64) error { return s.Hub.ReplayDead(ctx, seq) }))
	mux.HandleFunc("DELETE /v1/dead/{seq}", s.dead(func(ctx context.Context, seq uint64) error { return s.Hub.DropDead(ctx, seq) }))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, sdk.Errorf(sdk.NotFound, "this hub has no call %.20q %.200q; a newer pintle may, or the method is another", r.Method, r.URL.Path))
	})
	return mux
}

func (s *Server) bounded(f func(context.Context, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
		defer cancel()
		v, err := f(ctx, r)
		answer(w, v, err)
	}
}

func (s *Server) dead(f func(context.Context, uint64) error) http.HandlerFunc {
	return s.bounded(func(ctx context.Context, r *http.Request) (any, error) {
		seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 64)
		if err != nil {
			return nil, sdk.Errorf(sdk.Invalid, "%q is not the number of a dead letter", r.PathValue("seq"))
		}
		return struct{}{}, f(ctx, seq)
	})
}

// problem is an error on the wire (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		status := statusOf(sdk.CodeOf(err))
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		v = problem{Title: http.StatusText(status), Status: status, Detail: err.Error()}
	}
	_ = json.NewEncoder(w).Encode(v) // a client that has gone away is its own problem
}

func statusOf(c sdk.Code) int {
	switch c {
	case sdk.Invalid:
		return http.StatusUnprocessableEntity
	case sdk.Denied:
		return http.StatusForbidden
	case sdk.NotFound:
		return http.StatusNotFound
	case sdk.Unavailable, sdk.Exhausted:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
