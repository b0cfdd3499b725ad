package flow_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/host"
)

// wireTap stands between a log and its server. While it is deaf the server's answers are lost, and what is asked still
// arrives.
type wireTap struct {
	listener net.Listener
	server   string
	deaf     atomic.Bool
	wait     sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns []net.Conn
}

func newWireTap(t *testing.T) *wireTap {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
		MaxPayload: 8 << 20, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	w := &wireTap{server: s.Addr().String()}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	w.wait.Go(w.accept)
	t.Cleanup(func() {
		w.listener.Close()
		w.cut()
		w.wait.Wait()
	})
	return w
}

func (w *wireTap) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		upstream, err := net.Dial("tcp", w.server)
		if err != nil {
			client.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, upstream)
		w.mu.Unlock()
		w.wait.Go(func() { _, _ = io.Copy(upstream, client); upstream.Close() })
		w.wait.Go(func() { w.answer(client, upstream) })
	}
}

func (w *wireTap) answer(client, upstream net.Conn) {
	defer client.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := upstream.Read(buf)
		if err != nil {
			return
		}
		if w.deaf.Load() {
			continue
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// cut ends all connections; the client makes new ones.
func (w *wireTap) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func (w *wireTap) open(t *testing.T) *broker.Broker {
	t.Helper()
	b, err := broker.Open(t.Context(), broker.Config{URL: "nats://" + w.listener.Addr().String(), Timeout: 400 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(t.Context()) })
	return b
}

// The log stores the books and its answer is lost. What is saved next must not be taken for another writer's.
func TestBooksWhoseSavingWasNotAnsweredAreSavedOn(t *testing.T) {
	tap := newWireTap(t)
	log := tap.open(t)
	sinks := []string{"sink.a.a"}
	books, err := flow.OpenBooks(t.Context(), log, "p", sinks, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := books.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	tap.deaf.Store(true)
	books.Settled(sinks[0], 1, &flow.Step{Input: 1, Count: 1, Routed: 1})
	if err := books.Save(t.Context()); err != nil {
		t.Errorf("without an answer: %v", err)
	}
	books.Settled(sinks[0], 2, &flow.Step{Input: 2, Count: 1, Routed: 1})
	tap.deaf.Store(false)
	tap.cut()
	for end := time.Now().Add(20 * time.Second); ; {
		if err := books.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, err := flow.OpenBooks(t.Context(), log, "p", sinks, 0)
		if err == nil && again.Position(sinks[0]) == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the books are not saved: %v", err)
		}
	}
}

// A source that has to find out where it stands while the log is away waits for it.
func TestASourceWaitsForALogThatIsAway(t *testing.T) {
	tap := newWireTap(t)
	started := make(chan struct{})
	var once sync.Once
	s := &flow.Source{Broker: tap.open(t), Plug: flow.Plug{Address: "source.test.a", Log: hclog.NewNullLogger(),
		Launch: func(ctx context.Context) (*host.Process, error) {
			once.Do(func() { close(started) })
			return nil, errors.New("not today")
		}}}
	tap.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	for s.Health.Report().State != flow.StateFailing {
		select {
		case err := <-ended:
			t.Fatalf("the source has ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	tap.deaf.Store(false)
	tap.cut()
	select {
	case <-started:
	case err := <-ended:
		t.Fatalf("the source has ended: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
