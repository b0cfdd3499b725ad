package wire_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// closer notes that it was closed; it is a source, an analyzer and a sink.
type closer struct {
	name  string
	close chan string
}

func (c closer) Run(ctx context.Context, _ sdk.Position, _ sdk.Emitter) error {
	<-ctx.Done()
	return nil
}
func (c closer) Analyze(context.Context, *sdk.Batch, *sdk.Additions) error { return nil }
func (c closer) Write(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	return in.Results(), nil
}
func (c closer) Close() error {
	c.close <- c.name
	panic("a close that panics hurts nobody")
}

type openConfig struct {
	Name string `pintle:"name"`
	Do   string `pintle:"do"`
	N    int    `pintle:"n"`
}

// opening is a program whose components open as their configuration says, and say when they are closed.
func opening(closed chan string) func(*grpc.Server) {
	open := func(ctx context.Context, c openConfig) (*closer, error) {
		switch c.Do {
		case "fail":
			return nil, sdk.Errorf(sdk.Denied, "wrong password")
		case "panic":
			panic("x")
		case "hang":
			<-ctx.Done()
			return nil, ctx.Err()
		case "nothing":
			return nil, nil
		}
		return &closer{c.name(), closed}, nil
	}
	return wire.Register(sdk.Program{Name: "test", Version: "1", Sources: []sdk.SourceSpec{
		sdk.NewSource("t", "", func(ctx context.Context, c openConfig) (sdk.Source, error) { return some[sdk.Source](open(ctx, c)) })},
		Analyzers: []sdk.AnalyzerSpec{
			sdk.NewAnalyzer("t", "", nil, func(ctx context.Context, c openConfig) (sdk.Analyzer, error) {
				return some[sdk.Analyzer](open(ctx, c))
			})},
		Sinks: []sdk.SinkSpec{
			sdk.NewSink("t", "", sdk.NoKey, func(ctx context.Context, c openConfig) (sdk.Sink, error) { return some[sdk.Sink](open(ctx, c)) })}})
}

func (c openConfig) name() string { return "closed " + c.Name }

// some keeps a nil pointer from becoming an interface that is not nil.
func some[T any](c *closer, err error) (T, error) {
	var none T
	if c == nil {
		return none, err
	}
	return any(c).(T), err
}

// session is what all sessions can do.
type session interface {
	Close()
	LastSeen() time.Time
}

// openers open one instance of each kind.
func openers() map[string]func(context.Context, grpc.ClientConnInterface, wire.Instance) (session, error) {
	return map[string]func(context.Context, grpc.ClientConnInterface, wire.Instance) (session, error){
		"source": func(ctx context.Context, conn grpc.ClientConnInterface, in wire.Instance) (session, error) {
			return wire.OpenSource(ctx, conn, wire.SourceOptions{Instance: in, Epoch: epoch})
		},
		"analyzer": func(ctx context.Context, conn grpc.ClientConnInterface, in wire.Instance) (session, error) {
			return wire.OpenChain(ctx, conn, epoch, []wire.Instance{in})
		},
		"sink": func(ctx context.Context, conn grpc.ClientConnInterface, in wire.Instance) (session, error) {
			return wire.OpenSink(ctx, conn, epoch, in)
		},
	}
}

func TestOpenFails(t *testing.T) {
	tests := []struct {
		name, typ, config string
		code              sdk.Code
		says              string
	}{
		{"with the plugin's own error", "t", `{"do":"fail"}`, sdk.Denied, "wrong password"},
		{"with a panic", "t", `{"do":"panic"}`, sdk.Internal, "panicked"},
		{"with a configuration that does not fit", "t", `{"n":"x"}`, sdk.Invalid, "n:"},
		{"without a component", "t", `{"do":"nothing"}`, sdk.Internal, "nothing"},
		{"with an unknown type", "other", ``, sdk.NotFound, `"other"`},
	}
	for kind, open := range openers() {
		for _, tt := range tests {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				bubble(t, opening(nil), func(t *testing.T, conn *grpc.ClientConn) {
					_, err := open(t.Context(), conn, wire.Instance{Name: "mine", Type: tt.typ, Config: []byte(tt.config)})
					wantCode(t, err, tt.code, tt.says)
				})
			})
		}
	}
}

func TestOpenThatHangsEndsWithItsContext(t *testing.T) {
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			bubble(t, opening(nil), func(t *testing.T, conn *grpc.ClientConn) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				_, err := open(ctx, conn, wire.Instance{Name: "mine", Type: "t", Config: []byte(`{"do":"hang"}`)})
				wantCode(t, err, sdk.Unavailable, "did not answer in time")
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// A connection that does not come up must not hold the hub either.
func TestOpenWithoutConnectionEndsWithItsContext(t *testing.T) {
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, err := grpc.NewClient("passthrough:///nobody", grpc.WithTransportCredentials(insecure.NewCredentials()),
					grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				from := time.Now()
				_, err = open(ctx, conn, wire.Instance{Name: "mine", Type: "t"})
				wantCode(t, err, sdk.Unavailable, "")
				if d := time.Since(from); d > 2*time.Second {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// The context of an opening bounds the opening alone.
func TestASessionOutlivesTheContextOfItsOpening(t *testing.T) {
	for kind, open := range openers() {
		t.Run(kind, func(t *testing.T) {
			closed := make(chan string, 1)
			bubble(t, opening(closed), func(t *testing.T, conn *grpc.ClientConn) {
				ctx, cancel := context.WithCancel(t.Context())
				s, err := open(ctx, conn, wire.Instance{Name: "mine", Type: "t"})
				if err != nil {
					t.Fatal(err)
				}
				cancel()
				synctest.Wait()
				if len(closed) != 0 {
					t.Error("the instance was closed with the context of its opening")
				}
				s.Close()
				synctest.Wait()
				if len(closed) != 1 {
					t.Errorf("after Close the instance was closed %d times", len(closed))
				}
			})
		})
	}
}

func TestAChainOpensWholeOrNotAtAll(t *testing.T) {
	closed := make(chan string, 4)
	bubble(t, opening(closed), func(t *testing.T, conn *grpc.ClientConn) {
		chain := []wire.Instance{{Name: "a", Type: "t", Config: asJSON(map[string]any{"name": "a"})}, {Name: "b", Type: "t", Config: asJSON(map[string]any{"name": "b"})},
			{Name: "c", Type: "t", Config: asJSON(map[string]any{"do": "fail"})}}
		_, err := wire.OpenChain(t.Context(), conn, epoch, chain)
		wantCode(t, err, sdk.Denied, `"c"`)
		synctest.Wait()
		if got := []string{<-closed, <-closed}; !slices.Equal(got, []string{"closed b", "closed a"}) {
			t.Errorf("closed %q", got)
		}
		_, err = wire.OpenChain(t.Context(), conn, epoch, nil)
		wantCode(t, err, sdk.Invalid, "")
	})
}

// A plugin shows that it lives while its code is busy, so that busy and hanging can be told apart.
func TestHeartbeats(t *testing.T) {
	for kind, open := range openers() {
		if kind == "source" {
			continue // heard while somebody waits for its next batch
		}
		bubble(t, opening(make(chan string, 1)), func(t *testing.T, conn *grpc.ClientConn) {
			s, err := open(t.Context(), conn, wire.Instance{Name: "mine", Type: "t"})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			<-time.After(time.Minute)
			if silent := time.Since(s.LastSeen()); silent > 9*time.Second {
				t.Errorf("the last sign of life of a %s is %v old", kind, silent)
			}
		})
	}
}

// The age of the last sign of life is measured by the monotonic clock: when the machine's clock is set ahead by an hour, all
// plugins would seem to have been silent for one otherwise, and be killed; set back, one that hangs would seem alive.
func TestASignOfLifeDoesNotAgeWithTheWallClock(t *testing.T) {
	for kind, open := range openers() {
		connected(t, opening(make(chan string, 1)), func(t *testing.T, conn *grpc.ClientConn) {
			s, err := open(t.Context(), conn, wire.Instance{Name: "mine", Type: "t"})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if seen := s.LastSeen(); seen == seen.Round(0) { // which is without a monotonic reading
				t.Errorf("a %s was seen last at %v", kind, seen)
			}
		})
	}
}

func TestStrangersAreNotOpened(t *testing.T) {
	send := func(frames ...*pb.FromPlugin) func(*grpc.Server) {
		return rogue(func(s pb.Plugin_RunServer) error {
			for _, f := range frames {
				if err := s.Send(f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	beat := &pb.FromPlugin{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}
	done := func(e *pb.Error) *pb.FromPlugin {
		return &pb.FromPlugin{Frame: &pb.FromPlugin_Done{Done: &pb.Done{Error: e}}}
	}
	tests := []struct {
		name     string
		register func(*grpc.Server)
		code     sdk.Code
		says     string
	}{
		{"another first frame", send(beat, &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: &pb.Emit{Id: 1}}}), sdk.Internal, "broke the protocol"},
		{"an empty frame", send(&pb.FromPlugin{}), sdk.Internal, "broke the protocol"},
		{"an end before the opening", send(beat, done(nil)), sdk.Internal, "ended before"},
		{"nothing at all", send(), sdk.Unavailable, "closed the stream"},
		{"an unknown code", send(done(&pb.Error{Code: "strange", Message: "m"})), sdk.Internal, "m"},
		{"no service", func(*grpc.Server) {}, sdk.Internal, "unknown service"},
		{"a message without end", send(done(&pb.Error{Code: "invalid", Message: strings.Repeat("ä", 1<<20)})), sdk.Invalid, "..."},
	}
	for kind, open := range openers() {
		for _, tt := range tests {
			t.Run(kind+" "+tt.name, func(t *testing.T) {
				bubble(t, tt.register, func(t *testing.T, conn *grpc.ClientConn) {
					_, err := open(t.Context(), conn, wire.Instance{Name: "mine", Type: "t"})
					wantCode(t, err, tt.code, tt.says)
					if len(err.Error()) > 5<<10 {
						t.Errorf("the error has %d bytes", len(err.Error()))
					}
				})
			})
		}
	}
}

// Finish lets a source that has ended close what it holds, before the session ends.
func TestFinishClosesTheSource(t *testing.T) {
	closed := make(chan string, 1)
	bubble(t, opening(closed), func(t *testing.T, conn *grpc.ClientConn) {
		s, err := wire.OpenSource(t.Context(), conn, wire.SourceOptions{Instance: wire.Instance{Name: "mine", Type: "t"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.Start(nil, false), s.Drain()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Next(); err != io.EOF {
			t.Fatalf("drained: %v, want EOF", err)
		}
		s.Finish(t.Context())
		if len(closed) != 1 {
			t.Error("Finish returned before the source was closed")
		}
	})
}
