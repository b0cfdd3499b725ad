package wire_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// counter numbers the events it has seen; its state is the count and ballast.
type counter struct {
	n       uint64
	ballast []byte
	fail    error
}

func (c *counter) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		c.n++
		out.SetNumber(i, "n", float64(c.n))
	}
	return nil
}

func (c *counter) Snapshot(context.Context) ([]byte, error) {
	return append(binary.LittleEndian.AppendUint64(nil, c.n), c.ballast...), c.fail
}

func (c *counter) Restore(_ context.Context, state []byte) error {
	if len(state) < 8 {
		panic("too short a state")
	}
	c.n, c.ballast = binary.LittleEndian.Uint64(state), bytes.Clone(state[8:])
	return c.fail
}

func count(t *testing.T, s *wire.WorkSession, instance int) float64 {
	t.Helper()
	return answer(t, submit(t, s, &wire.Work{Records: recordsOf(t, saids("a")...)})).Added[instance].Value(0, "n").Num
}

func TestSnapshotAndRestore(t *testing.T) {
	for _, size := range []int{0, 1, 1<<20 - 8, 1 << 20, 3<<20 + 5} {
		first, second := &counter{ballast: bytes.Repeat([]byte("b"), size)}, &counter{n: 100}
		bubble(t, chainProgram(map[string]sdk.Analyzer{"first": first, "second": second}), func(t *testing.T, conn *grpc.ClientConn) {
			s := chainOf(t, conn, "first", "second")
			count(t, s, 0)
			count(t, s, 0)
			late := submit(t, s, &wire.Work{Records: recordsOf(t, saids("a")...)})
			state, err := s.Snapshot(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if n := binary.LittleEndian.Uint64(state); n != 3 || len(state) != size+8 {
				t.Errorf("a state of %d bytes at count %d, want %d after the 3 works submitted before", len(state), n, size+8)
			}
			answer(t, late)
			if err := s.Restore(t.Context(), 1, state); err != nil {
				t.Fatal(err)
			}
			if second.n != 3 || len(second.ballast) != size {
				t.Errorf("restored to %d with %d bytes, want 3 with %d", second.n, len(second.ballast), size)
			}
			if got := count(t, s, 1); got != 4 {
				t.Errorf("it goes on with %v", got)
			}
		})
	}
}

func TestStatesThatFailLeaveTheSessionUsable(t *testing.T) {
	boom := sdk.Errorf(sdk.Unavailable, "boom")
	whole := make([]byte, 3<<20)
	tests := []struct {
		name     string
		instance int
		state    []byte
		fail     error
		code     sdk.Code
		says     string
	}{
		{"an analyzer without state", 1, whole, nil, sdk.Invalid, "keeps no state"},
		{"an analyzer that is not there", 7, whole, nil, sdk.NotFound, "no analyzer 7"},
		{"its own error", 0, whole, boom, sdk.Unavailable, "boom"},
		{"a panic", 0, []byte("short"), nil, sdk.Internal, "panicked"},
		{"no state at all", 0, nil, nil, sdk.Internal, "panicked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &counter{fail: tt.fail}
			bubble(t, chainProgram(map[string]sdk.Analyzer{"count": c, "none": each(func(*sdk.Batch, int, *sdk.Additions) {})}), func(t *testing.T, conn *grpc.ClientConn) {
				s := chainOf(t, conn, "count", "none")
				wantCode(t, s.Restore(t.Context(), tt.instance, tt.state), tt.code, tt.says)
				if _, err := s.Snapshot(t.Context(), tt.instance); (err == nil) != (tt.says == "panicked") {
					t.Errorf("snapshot: %v", err)
				}
				count(t, s, 0)
				if err := s.Err(); err != nil {
					t.Errorf("the session ended: %v", err)
				}
			})
		})
	}
}

func TestAStateOverTheLimitIsRefused(t *testing.T) {
	large := make([]byte, sdk.MaxSnapshot+1)
	c := &counter{ballast: large}
	bubble(t, chainProgram(map[string]sdk.Analyzer{"count": c}), func(t *testing.T, conn *grpc.ClientConn) {
		s := chainOf(t, conn, "count")
		_, err := s.Snapshot(t.Context(), 0)
		wantCode(t, err, sdk.Exhausted, "at most")
		wantCode(t, s.Restore(t.Context(), 0, large), sdk.Exhausted, "at most")
		count(t, s, 0)
	})
}

func TestSnapshotEndsWithTheSession(t *testing.T) {
	began := make(chan struct{})
	bubble(t, chainProgram(map[string]sdk.Analyzer{"slow": analyzeFunc(func(ctx context.Context, _ *sdk.Batch, _ *sdk.Additions) error {
		close(began)
		<-ctx.Done()
		return errors.New("ended")
	})}), func(t *testing.T, conn *grpc.ClientConn) {
		s := chainOf(t, conn, "slow")
		submit(t, s, &wire.Work{Records: recordsOf(t, saids("a")...)})
		done := make(chan error, 1)
		go func() {
			_, err := s.Snapshot(t.Context(), 0)
			done <- err
		}()
		<-began
		s.Close()
		wantCode(t, <-done, sdk.Unavailable, "")
	})
}
