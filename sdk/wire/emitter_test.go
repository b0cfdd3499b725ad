package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// drainAll acknowledges batches until the source ends, and returns what they held.
func drainAll(t *testing.T, conn *grpc.ClientConn) (ids, positions []string) {
	t.Helper()
	s := started(t, conn, 4)
	for {
		r, id, err := s.Next()
		if err == io.EOF {
			return ids, positions
		}
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		ids, positions = append(ids, idsOf(r)...), append(positions, string(r.Position))
		ack(t, s, id, nil)
	}
}

// wrongPositions says how positions differ from all: batches that left together have the last one's position, so that some of all
// may be missing, but not the last, and the order stays.
func wrongPositions(all, positions []string) string {
	rest := all
	for _, p := range positions {
		at := slices.Index(rest, p)
		if at < 0 {
			return fmt.Sprintf("positions %q, want %q or the later ones of them\n", positions, all)
		}
		rest = rest[at+1:]
	}
	if len(rest) > 0 {
		return fmt.Sprintf("positions %q, want them to end with %q\n", positions, rest[len(rest)-1])
	}
	return ""
}

func TestEmitOfNothing(t *testing.T) {
	tests := []struct {
		name           string
		run            func(ctx context.Context, out sdk.Emitter) error
		ids, positions []string
	}{
		{"at all", func(ctx context.Context, out sdk.Emitter) error { return out.Emit(ctx, nil) }, nil, nil},
		{"but a position", func(ctx context.Context, out sdk.Emitter) error { return out.Emit(ctx, at(1)) }, nil, []string{"line 1"}},
		{"after something", func(ctx context.Context, out sdk.Emitter) error {
			return errors.Join(out.Send(ctx, at(1), said("a", "x")), out.Emit(ctx, nil))
		}, []string{"a"}, []string{"line 1"}},
		{"after something that waits", func(ctx context.Context, out sdk.Emitter) error {
			return errors.Join(out.Send(ctx, at(1), said("a", "x")), out.Send(ctx, at(2), said("b", "x")), out.Emit(ctx, nil))
		}, []string{"a", "b"}, []string{"line 1", "line 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error { return tt.run(ctx, out) }),
				func(t *testing.T, conn *grpc.ClientConn) {
					ids, positions := drainAll(t, conn)
					if diff := cmp.Diff(tt.ids, ids) + wrongPositions(tt.positions, positions); diff != "" {
						t.Errorf("ids and positions (-want +got):\n%s", diff)
					}
				})
		})
	}
}

// A source may build every position in the same buffer: Send has taken it when it returns.
func TestPositionsBelongToTheSource(t *testing.T) {
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		buffer := sdk.Position("line 1")
		if err := out.Send(ctx, buffer, said("a", "x")); err != nil {
			return err
		}
		copy(buffer, "line 2")
		if err := out.Send(ctx, buffer, said("b", "x")); err != nil { // waits for the ack of a
			return err
		}
		copy(buffer, "spoilt")
		return nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		_, positions := drainAll(t, conn)
		if wrong := wrongPositions([]string{"line 1", "line 2"}, positions); wrong != "" {
			t.Error(wrong)
		}
	})
}

// A call that breaks a limit is refused whole, at once, and the source may go on.
func TestSendRefusesAndGoesOn(t *testing.T) {
	many := make([]sdk.Event, sdk.MaxEvents+1)
	for i := range many {
		many[i] = said(fmt.Sprint("m", i), "x")
	}
	heavy := make([]sdk.Event, 6)
	for i := range heavy {
		heavy[i] = said(fmt.Sprint("h", i), strings.Repeat("x", sdk.MaxEventBytes-200))
	}
	tests := []struct {
		name   string
		at     sdk.Position
		events []sdk.Event
	}{
		{"an event without id", at(1), []sdk.Event{said("good", "x"), {Type: "t"}}},
		{"more events than a batch holds", at(1), many},
		{"more bytes than a batch holds", at(1), heavy},
		{"a position over the limit", make(sdk.Position, sdk.MaxPosition+1), saids("a")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
				err := out.Send(ctx, at(0), said("before", "x"))
				refused := out.Send(ctx, tt.at, tt.events...)
				if sdk.CodeOf(refused) != sdk.Invalid {
					err = errors.Join(err, fmt.Errorf("got %v, want a refusal", refused))
				}
				return errors.Join(err, out.Send(ctx, at(2), said("after", "x")))
			}), func(t *testing.T, conn *grpc.ClientConn) {
				ids, positions := drainAll(t, conn)
				if diff := cmp.Diff([]string{"before", "after"}, ids) + wrongPositions([]string{"line 0", "line 2"}, positions); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What one call may bring does not depend on what waits already.
func TestSendTakesALargeCallAtAnyTime(t *testing.T) {
	half := strings.Repeat("x", sdk.MaxBatchBytes-500)
	large := make([]sdk.Event, 5)
	for i := range large {
		large[i] = said(fmt.Sprint("large", i), half)
	}
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		return errors.Join(out.Send(ctx, at(0), said("a", "x")), out.Send(ctx, at(1), said("b", half)), out.Send(ctx, at(2), large...))
	}), func(t *testing.T, conn *grpc.ClientConn) {
		ids, _ := drainAll(t, conn)
		if diff := cmp.Diff([]string{"a", "b", "large0", "large1", "large2", "large3", "large4"}, ids); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Several goroutines may emit: each call stays whole and each caller's order is kept.
func TestEmittersShareTheStream(t *testing.T) {
	const callers, calls = 8, 200
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		var wg sync.WaitGroup
		errs := make([]error, callers)
		for c := range callers {
			wg.Go(func() {
				for i := range calls {
					emit := out.Send
					if i%10 == 0 {
						emit = out.Emit
					}
					id := fmt.Sprint(c, ":", i)
					errs[c] = errors.Join(errs[c], emit(ctx, at(i), said(id+"a", "x"), said(id+"b", "x")))
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}), func(t *testing.T, conn *grpc.ClientConn) {
		ids, _ := drainAll(t, conn)
		seen := make([]int, callers)
		for i := 0; i < len(ids); i += 2 {
			var c, n int
			if _, err := fmt.Sscanf(ids[i], "%d:%da", &c, &n); err != nil {
				t.Fatal(err)
			}
			if n != seen[c] || ids[i+1] != fmt.Sprintf("%d:%db", c, n) {
				t.Fatalf("event %d is %q, followed by %q; caller %d is at call %d", i, ids[i], ids[i+1], c, seen[c])
			}
			seen[c]++
		}
		if len(ids) != 2*callers*calls {
			t.Errorf("%d events, want %d", len(ids), 2*callers*calls)
		}
	})
}

// A caller who gives up waiting gets its own context's error, and the source goes on.
func TestEmitGivesUpWithItsContext(t *testing.T) {
	waiting := make(chan error, 1)
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		short, cancel := context.WithCancel(ctx)
		cancel()
		waiting <- out.Emit(short, at(0), said("a", "x"))
		return out.Emit(ctx, at(1), said("b", "x"))
	}), func(t *testing.T, conn *grpc.ClientConn) {
		ids, _ := drainAll(t, conn)
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff([]string{"a", "b"}, ids); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// When the hub closes a session, the source's calls fail and Run's context ends.
func TestCloseReachesTheSource(t *testing.T) {
	ended := make(chan error, 2)
	bubble(t, sourceProgram(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
		ended <- out.Emit(context.WithoutCancel(ctx), at(0), said("a", "x"))
		<-ctx.Done()
		ended <- ctx.Err()
		return nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		s := started(t, conn, 4)
		next(t, s)
		synctest.Wait()
		s.Close()
		s.Close()
		wantCode(t, <-ended, sdk.Unavailable, "closed the stream")
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("context of Run: %v", err)
		}
		if _, _, err := s.Next(); sdk.CodeOf(err) != sdk.Unavailable {
			t.Errorf("next after close: %v", err)
		}
	})
}
