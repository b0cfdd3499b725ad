package webhook

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	maxBody     = 1 << 20 // bytes of a delivery
	maxAtOnce   = 64      // deliveries that are stored at the same time
	maxHeader   = 16 << 10
	headTimeout = 5 * time.Second
	readTimeout = 15 * time.Second
	idleTimeout = time.Minute
	// stopTimeout is how long deliveries that are being stored may go on when the source is asked to stop.
	stopTimeout = 3 * time.Second
)

// receiver is one run of a source: the handler of its requests. The server calls it from a goroutine for each.
type receiver struct {
	*source
	out     sdk.Emitter
	memory  *memory
	places  chan struct{} // one for each delivery that is being stored; handlers fill and empty it
	refused atomic.Int64
}

// Run listens until ctx ends. Deliveries that were taken in by then are stored and answered.
func (s *source) Run(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return sdk.Errorf(sdk.Unavailable, "listen: %w", err)
	}
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	server := &http.Server{
		Handler:           s.newReceiver(out),
		ReadHeaderTimeout: headTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      readTimeout + s.config.Wait + headTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	slog.Info("webhook listens", "address", listener.Addr().String(), "path", s.config.Path)
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		shutDown(server, cancel)
	})
	err = server.Serve(listener)
	if stop() { // it was not asked to
		_ = server.Close()
		return sdk.Errorf(sdk.Unavailable, "serve: %w", err)
	}
	<-stopped
	return nil
}

// shutDown ends a server: first it takes no more requests, then it lets those it has finish, then it cancels them.
func shutDown(server *http.Server, cancel func()) {
	patience, done := context.WithTimeout(context.Background(), stopTimeout)
	defer done()
	if server.Shutdown(patience) == nil {
		return
	}
	cancel()
	last, done := context.WithTimeout(context.Background(), time.Second)
	defer done()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
}

func (s *source) newReceiver(out sdk.Emitter) *receiver {
	return &receiver{
		source: s, out: out,
		memory: newMemory(2 * s.config.Tolerance), // a clock may be as far behind as another is ahead
		places: make(chan struct{}, maxAtOnce),
	}
}
