package sdktest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// usualPatience is how long a call may take where a Suite does not say.
const usualPatience = 10 * time.Second

// link is a program behind a gRPC connection in memory.
type link struct {
	*grpc.ClientConn
	patience time.Duration
	sessions sync.WaitGroup // those that the program has not ended yet
}

// serve offers the program until the test ends, and then expects that nothing of it runs any more.
func serve(t testing.TB, p sdk.Program, patience time.Duration) *link {
	t.Helper()
	if patience == 0 {
		patience = usualPatience
	}
	l := &link{patience: patience}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(wire.MaxMessageBytes), grpc.MaxSendMsgSize(wire.MaxMessageBytes),
		grpc.StreamInterceptor(l.count))
	wire.Register(p)(server)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // its only error is the end
	}()
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
	conn, err := grpc.NewClient("passthrough:///plugin", append(wire.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(dial))...)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	l.ClientConn = conn
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
		l.awaitEnd(t)
	})
	return l
}

func (l *link) count(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	l.sessions.Add(1)
	defer l.sessions.Done()
	return next(srv, stream)
}

// awaitEnd waits until the program has noticed that its sessions were closed.
func (l *link) awaitEnd(t testing.TB) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		l.sessions.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(l.patience):
		t.Errorf("a component still works %v after its context has ended: pass ctx on to whatever waits, and return when it is done", l.patience)
	}
}

// timeout returns a context for one call.
func (l *link) timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), l.patience)
}
