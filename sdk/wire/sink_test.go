package wire_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

type writeFunc func(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error)

func (f writeFunc) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) { return f(ctx, in) }

func sinkProgram(write writeFunc) func(*grpc.Server) {
	return wire.Register(sdk.Program{Name: "test", Version: "1", Sinks: []sdk.SinkSpec{
		sdk.NewSink("k", "", sdk.NativeKey, func(context.Context, struct{}) (sdk.Sink, error) { return write, nil })}})
}

func sinkOf(t *testing.T, conn *grpc.ClientConn) *wire.WorkSession {
	t.Helper()
	s, err := wire.OpenSink(t.Context(), conn, epoch, wire.Instance{Name: "erp", Type: "k"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestResultsOfEveryKindArrive(t *testing.T) {
	results := []sdk.Result{
		{},
		sdk.DoneWith("42"),
		sdk.DuplicateOf("41"),
		sdk.Result{Outcome: sdk.Duplicate},
		sdk.RetryAfter(90*time.Second, "rate limit"),
		sdk.RetryAfter(0, ""),
		sdk.RejectWith("23505", "email", "not a mail address"),
		sdk.FatalWith("28P01", "wrong password"),
	}
	bubble(t, sinkProgram(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) { return results[:in.Len()], nil }), func(t *testing.T, conn *grpc.ClientConn) {
		s := sinkOf(t, conn)
		r := recordsOf(t, saids("a", "b", "c", "d", "e", "f", "g", "h", "i")...)
		a := answer(t, submit(t, s, &wire.Work{Records: r, Events: []uint32{0, 1, 2, 3, 5, 6, 7, 8}}))
		if diff := cmp.Diff(results, a.Results); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A receipt that is the event's own id says nothing new and does not travel; the hub takes it for granted.
func TestAReceiptThatIsTheIDIsLeftOut(t *testing.T) {
	bubble(t, sinkProgram(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
		return []sdk.Result{sdk.DoneWith(in.ID(0)), sdk.DoneWith(in.ID(0)), sdk.DuplicateOf(in.ID(2))}, nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		a := answer(t, submit(t, sinkOf(t, conn), &wire.Work{Records: recordsOf(t, saids("a", "b", "c")...)}))
		if diff := cmp.Diff([]sdk.Result{{}, sdk.DoneWith("a"), sdk.DuplicateOf("c")}, a.Results); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestASinkSeesTheWork(t *testing.T) {
	var seen []string
	bubble(t, sinkProgram(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
		for i := range in.Len() {
			seen = append(seen, in.ID(i)+"="+in.Event(i).Annotation("mood", "label").Text())
		}
		return in.Results(), nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		r := recordsOf(t, saids("a", "b", "c")...)
		out := &sdk.Additions{Analyzer: "mood"}
		out.Reset(sdk.NewBatch(r, nil, nil, nil))
		out.SetString(2, "label", "good")
		b, err := out.Encode()
		if err != nil {
			t.Fatal(err)
		}
		a := answer(t, submit(t, sinkOf(t, conn), &wire.Work{Records: r, Events: []uint32{0, 2}, Additions: [][]byte{b}}))
		if !slices.Equal(seen, []string{"a=", "c=good"}) || len(a.Results) != 2 {
			t.Errorf("it saw %q and answered %v", seen, a.Results)
		}
	})
}

func TestASinkThatFailsIsStillThere(t *testing.T) {
	tests := []struct {
		name  string
		write writeFunc
		code  sdk.Code
		says  string
	}{
		{"an error", func(context.Context, *sdk.Batch) ([]sdk.Result, error) {
			return nil, sdk.Errorf(sdk.Unavailable, "no route")
		}, sdk.Unavailable, "no route"},
		{"an error beside results", func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
			return in.Results(), sdk.Errorf(sdk.Denied, "no")
		}, sdk.Denied, "no"},
		{"a panic", func(context.Context, *sdk.Batch) ([]sdk.Result, error) { panic("x") }, sdk.Internal, "panicked"},
		{"too few results", func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) { return in.Results()[1:], nil }, sdk.Internal, "1 events of 2"},
		{"too many results", func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
			return append(in.Results(), sdk.Result{}), nil
		}, sdk.Internal, "3 events of 2"},
		{"no results", func(context.Context, *sdk.Batch) ([]sdk.Result, error) { return nil, nil }, sdk.Internal, "0 events of 2"},
		{"an outcome nobody knows", func(context.Context, *sdk.Batch) ([]sdk.Result, error) {
			return []sdk.Result{{Outcome: 9}, {}}, nil
		}, sdk.Internal, "outcome 9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := true
			bubble(t, sinkProgram(func(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
				if broken {
					return tt.write(ctx, in)
				}
				return in.Results(), nil
			}), func(t *testing.T, conn *grpc.ClientConn) {
				s := sinkOf(t, conn)
				_, err := submit(t, s, &wire.Work{Records: recordsOf(t, saids("a", "b")...)}).Wait(t.Context())
				wantCode(t, err, tt.code, tt.says)
				if work := (*wire.WorkError)(nil); !errors.As(err, &work) || work.Instance != "erp" {
					t.Errorf("got %v, want a WorkError of erp", err)
				}
				broken = false
				answer(t, submit(t, s, &wire.Work{Records: recordsOf(t, saids("c")...)}))
			})
		})
	}
}

// Whatever a sink says of each event of the largest batch, its answer fits one message.
func TestTheLongestAnswerFits(t *testing.T) {
	long := strings.Repeat("ä", 2100)
	var events []sdk.Event
	for i := range sdk.MaxEvents {
		events = append(events, said(fmt.Sprint(i), "x"))
	}
	for _, word := range []string{long, strings.Repeat("a\xff", 2100), "a\xff"} {
		bubble(t, sinkProgram(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
			results := in.Results()
			for i := range results {
				results[i] = sdk.Result{Outcome: sdk.Reject, Receipt: word, Code: word, Field: word, Message: word}
			}
			return results, nil
		}), func(t *testing.T, conn *grpc.ClientConn) {
			s := sinkOf(t, conn)
			for _, n := range []int{len(events), 1} {
				a := answer(t, submit(t, s, &wire.Work{Records: recordsOf(t, events[:n]...)}))
				r := a.Results[n-1]
				if len(r.Code) > 300 || len(r.Field) > 300 || len(r.Receipt) > 1100 || len(r.Message) > 4200 || r.Outcome != sdk.Reject {
					t.Errorf("of %d events: code %d, field %d, receipt %d, message %d bytes", n, len(r.Code), len(r.Field), len(r.Receipt), len(r.Message))
				}
				if strings.HasSuffix(word, "ä") && (len(r.Message) < 1500 || !strings.HasSuffix(r.Message, "ä...")) {
					t.Errorf("of %d events: the message has %d bytes and ends in %q", n, len(r.Message), r.Message[len(r.Message)-5:])
				}
				if r.Receipt == "" || strings.HasPrefix(word, "a") && !strings.HasPrefix(r.Message, "a\ufffd") {
					t.Errorf("of %d events: receipt %q, message %q", n, r.Receipt, r.Message)
				}
			}
		})
	}
}

// After a retry a sink attempts nothing until the hub has seen it: works that are on their way already would overtake events
// of the same key.
func TestASinkHoldsAfterARetry(t *testing.T) {
	var attempts []string
	verdict := map[string]sdk.Result{"b": sdk.RetryAfter(0, "not now")}
	var gate chan struct{}
	bubble(t, sinkProgram(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
		<-gate
		attempts = append(attempts, in.ID(0))
		return []sdk.Result{verdict[in.ID(0)]}, nil
	}), func(t *testing.T, conn *grpc.ClientConn) {
		gate = make(chan struct{})
		s := sinkOf(t, conn)
		var pending []*wire.Pending
		for _, id := range []string{"a", "b", "c", "d"} {
			pending = append(pending, submit(t, s, &wire.Work{Records: recordsOf(t, saids(id)...)}))
		}
		close(gate)
		synctest.Wait()
		for _, p := range pending[2:] { // seen out of order, as waiters in several goroutines may
			_, err := p.Wait(t.Context())
			wantCode(t, err, sdk.Unavailable, "not attempted")
		}
		if got := answer(t, pending[1]).Results[0].Outcome; got != sdk.Retry {
			t.Errorf("b: %v", got)
		}
		answer(t, pending[0])
		verdict = nil
		for _, id := range []string{"b", "c"} {
			answer(t, submit(t, s, &wire.Work{Records: recordsOf(t, saids(id)...)}))
		}
		if diff := cmp.Diff([]string{"a", "b", "b", "c"}, attempts); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}
