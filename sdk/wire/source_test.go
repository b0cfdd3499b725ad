package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// runFunc is a source of which only Run matters.
type runFunc func(ctx context.Context, from sdk.Position, out sdk.Emitter) error

func (f runFunc) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	return f(ctx, from, out)
}

func sourceProgram(run runFunc) func(*grpc.Server) {
	return wire.Register(sdk.Program{Name: "test", Version: "1.0.0", Sources: []sdk.SourceSpec{
		sdk.NewSource("s", "doc", func(context.Context, struct{}) (sdk.Source, error) { return run, nil })}})
}

const epoch = 7

// started opens a source and makes it read from the start.
func started(t *testing.T, conn *grpc.ClientConn, credits int) *wire.SourceSession {
	t.Helper()
	s, err := wire.OpenSource(t.Context(), conn, wire.SourceOptions{Instance: wire.Instance{Name: "blog", Type: "s"}, Epoch: epoch, Credits: credits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.Start(nil, false); err != nil {
		t.Fatal(err)
	}
	return s
}

// next returns what the next batch holds, and its id.
func next(t *testing.T, s *wire.SourceSession) ([]string, string, uint64) {
	t.Helper()
	r, id, err := s.Next()
	if err != nil {
		t.Fatalf("next: %v", err)
	}
	return idsOf(r), string(r.Position), id
}

func ack(t *testing.T, s *wire.SourceSession, id uint64, failed error) {
	t.Helper()
	if err := s.Ack(id, failed); err != nil {
		t.Fatalf("ack %d: %v", id, err)
	}
}

func at(i int) sdk.Position { return sdk.Position(fmt.Sprint("line ", i)) }

func TestEmitReturnsOnlyOnceTheBatchIsDurable(t *testing.T) {
	returned := make(chan int, 10)
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		for i := range 3 {
			if err := out.Emit(ctx, at(i), said(fmt.Sprint(i), "x")); err != nil {
				return err
			}
			returned <- i
		}
		return nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		s := started(t, conn, 4)
		for i := range 3 {
			ids, pos, id := next(t, s)
			if id != uint64(i+1) || pos != string(at(i)) || !slices.Equal(ids, []string{fmt.Sprint(i)}) {
				t.Errorf("batch %d at %q holds %q, want %d at %q", id, pos, ids, i+1, at(i))
			}
			synctest.Wait()
			if len(returned) != i {
				t.Errorf("Emit returned %d times before ack %d", len(returned), id)
			}
			ack(t, s, id, nil)
			synctest.Wait()
			if len(returned) != i+1 {
				t.Errorf("Emit returned %d times after ack %d", len(returned), id)
			}
		}
		if _, _, err := s.Next(); err != io.EOF {
			t.Errorf("a source that has ended: %v, want EOF", err)
		}
	})
}

// While the hub is busy, single calls become few large batches, each with the position of the last whole call in it.
func TestSendGathersWhileAcksAreOutstanding(t *testing.T) {
	const calls = 1000
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		for i := range calls {
			if err := out.Send(ctx, at(i), said(fmt.Sprint(i, "a"), "x"), said(fmt.Sprint(i, "b"), "x")); err != nil {
				return err
			}
		}
		return nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		s := started(t, conn, 4)
		synctest.Wait() // the source has sent all it can without an ack
		var ids []string
		batches := 0
		for {
			r, id, err := s.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			batches++
			got := idsOf(r)
			ids = append(ids, got...)
			if last := at(len(ids)/2 - 1); len(got)%2 != 0 || string(r.Position) != string(last) {
				t.Errorf("batch %d of %d events stands at %q, want %q", id, len(got), r.Position, last)
			}
			ack(t, s, id, nil)
		}
		var want []string
		for i := range calls {
			want = append(want, fmt.Sprint(i, "a"), fmt.Sprint(i, "b"))
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if batches > 3 {
			t.Errorf("%d calls became %d batches, want the first and one or two more", calls, batches)
		}
	})
}

// Without credit a source blocks and holds at most one batch.
func TestSendBlocksWhileTheHubPushesBack(t *testing.T) {
	sent := make(chan int, 100*sdk.MaxEvents)
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		for i := 0; ; i++ {
			if err := out.Send(ctx, at(i), said(fmt.Sprint(i), "x")); err != nil {
				return err
			}
			sent <- i
		}
	}), func(t *testing.T, conn *grpc.ClientConn) {
		s := started(t, conn, 2)
		synctest.Wait()
		without := len(sent)
		ids, _, id := next(t, s) // what was there when the first batch left: one event, or a few more
		if want := len(ids) + 2*sdk.MaxEvents; without != want {
			t.Errorf("without acks the source sent %d events, want %d: the first batch, one on its way and one waiting", without, want)
		}
		ack(t, s, id, nil)
		synctest.Wait()
		if n := len(sent); n != without+sdk.MaxEvents {
			t.Errorf("one more credit let the source send %d events instead of %d", n, without)
		}
	})
}

func TestAnAckThatFailsReachesTheSource(t *testing.T) {
	heard := make(chan error, 2)
	full := sdk.Errorf(sdk.Exhausted, "the disk is full")
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		heard <- out.Emit(ctx, at(0), said("a", "x"))
		err := out.Send(ctx, at(1), said("b", "x"))
		heard <- err
		return err
	}), func(t *testing.T, conn *grpc.ClientConn) {
		s := started(t, conn, 4)
		_, _, id := next(t, s)
		ack(t, s, id, full)
		_, _, err := s.Next()
		wantCode(t, err, sdk.Exhausted, "disk is full")
		for range 2 {
			wantCode(t, <-heard, sdk.Exhausted, "disk is full")
		}
	})
}

// A drained source ends its Run, and what it had sent arrives first.
func TestDrain(t *testing.T) {
	for _, says := range []error{nil, context.Canceled, errors.New("confused by the end")} {
		left := make(chan struct{}) // closed when the first batch is there, so that the second event cannot be in it
		bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
			if err := out.Send(ctx, at(0), said("a", "x")); err != nil {
				return err
			}
			<-left
			if err := out.Send(ctx, at(1), said("b", "x")); err != nil {
				return err
			}
			<-ctx.Done()
			return says
		}), func(t *testing.T, conn *grpc.ClientConn) {
			s := started(t, conn, 4)
			_, _, id := next(t, s)
			close(left)
			synctest.Wait()
			if err := s.Drain(); err != nil {
				t.Fatal(err)
			}
			ack(t, s, id, nil)
			ids, pos, id := next(t, s)
			if pos != string(at(1)) || !slices.Equal(ids, []string{"b"}) {
				t.Errorf("the last batch holds %q at %q", ids, pos)
			}
			ack(t, s, id, nil)
			if _, _, err := s.Next(); err != io.EOF {
				t.Errorf("after the drain, with %v from Run: %v, want EOF", says, err)
			}
		})
	}
}

func TestSourcesEnd(t *testing.T) {
	tests := []struct {
		name string
		run  runFunc
		code sdk.Code
		says string
	}{
		{"with an error", func(context.Context, sdk.Position, sdk.Emitter) error {
			return sdk.Errorf(sdk.Denied, "wrong password")
		}, sdk.Denied, "wrong password"},
		{"with a plain error", func(context.Context, sdk.Position, sdk.Emitter) error { return io.ErrUnexpectedEOF }, sdk.Internal, "unexpected EOF"},
		{"with a panic", func(context.Context, sdk.Position, sdk.Emitter) error { panic("my mail address") }, sdk.Internal, "panicked"},
		{"with a runtime panic", func(_ context.Context, p sdk.Position, _ sdk.Emitter) error { _ = p[5]; return nil }, sdk.Internal, "out of range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, sourceProgram(tt.run), func(t *testing.T, conn *grpc.ClientConn) {
				s := started(t, conn, 4)
				_, _, err := s.Next()
				wantCode(t, err, tt.code, tt.says)
				var e *sdk.Error
				if panicked := errors.As(err, &e) && e.Stack != ""; panicked != (tt.says == "panicked" || tt.says == "out of range") {
					t.Errorf("stack of %v: %q", err, e.Stack)
				}
				if slices.Contains([]string{e.Message, e.Stack}, "my mail address") {
					t.Error("the panic's own words were passed on")
				}
			})
		})
	}
}

func TestStartTellsWhereToReadFrom(t *testing.T) {
	type start struct {
		From string
		Once bool
	}
	for _, want := range []start{{"", false}, {"line 5", true}} {
		got := make(chan start, 1)
		bubble(t, sourceProgram(func(ctx context.Context, from sdk.Position, _ sdk.Emitter) error {
			got <- start{string(from), sdk.Once(ctx)}
			return nil
		}), func(t *testing.T, conn *grpc.ClientConn) {
			s, err := wire.OpenSource(t.Context(), conn, wire.SourceOptions{Instance: wire.Instance{Name: "blog", Type: "s"}})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			synctest.Wait()
			if len(got) != 0 {
				t.Error("the source ran before it was started")
			}
			if err := s.Start(sdk.Position(want.From), want.Once); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, <-got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, _, err := s.Next(); err != io.EOF {
				t.Errorf("at the end: %v, want EOF", err)
			}
		})
	}
}
