package wire_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

type analyzeFunc func(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error

func (f analyzeFunc) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	return f(ctx, in, out)
}

// each is an analyzer that looks at one event after the other.
func each(f func(in *sdk.Batch, i int, out *sdk.Additions)) analyzeFunc {
	return func(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
		for i := range in.Len() {
			f(in, i, out)
		}
		return nil
	}
}

// chainProgram has one type for each analyzer.
func chainProgram(analyzers map[string]sdk.Analyzer) func(*grpc.Server) {
	p := sdk.Program{Name: "test", Version: "1.2.3"}
	for _, typ := range slices.Sorted(maps.Keys(analyzers)) {
		p.Analyzers = append(p.Analyzers, sdk.NewAnalyzer(typ, "", nil, func(context.Context, struct{}) (sdk.Analyzer, error) { return analyzers[typ], nil }))
	}
	return wire.Register(p)
}

// chainOf opens a chain of the named types, each under the name "my <type>".
func chainOf(t *testing.T, conn *grpc.ClientConn, types ...string) *wire.WorkSession {
	t.Helper()
	var chain []wire.Instance
	for _, typ := range types {
		chain = append(chain, wire.Instance{Name: "my " + typ, Type: typ})
	}
	s, err := wire.OpenChain(t.Context(), conn, epoch, chain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func submit(t *testing.T, s *wire.WorkSession, w *wire.Work) *wire.Pending {
	t.Helper()
	p, err := s.Submit(w)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return p
}

func answer(t *testing.T, p *wire.Pending) wire.Answer {
	t.Helper()
	a, err := p.Wait(t.Context())
	if err != nil {
		t.Fatalf("wait: %v", err)
	}
	return a
}

func TestWorksAreAnsweredInOrder(t *testing.T) {
	var gate chan struct{} // made in the bubble, so that waiting for it counts as standing still
	bubble(t, chainProgram(map[string]sdk.Analyzer{"echo": analyzeFunc(func(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
		<-gate
		out.SetString(0, "echo", in.Text(0))
		return nil
	})}), func(t *testing.T, conn *grpc.ClientConn) {
		gate = make(chan struct{})
		s := chainOf(t, conn, "echo")
		var pending []*wire.Pending
		for i := range 50 {
			pending = append(pending, submit(t, s, &wire.Work{Records: recordsOf(t, said("x", fmt.Sprint(i)))}))
		}
		synctest.Wait()
		gate <- struct{}{}
		synctest.Wait()
		for i, p := range pending[:2] {
			select {
			case <-p.Done():
				if i != 0 {
					t.Error("the second work was answered before it was done")
				}
			default:
				if i == 0 {
					t.Error("the first work was not answered while others wait")
				}
			}
		}
		close(gate)
		for i, p := range slices.Backward(pending) {
			if got := answer(t, p).Added[0].Value(0, "echo").Str; got != fmt.Sprint(i) {
				t.Errorf("work %d was answered with %q", i, got)
			}
		}
	})
}

// TestChain follows a batch through three analyzers, behind others of other programs.
func TestChain(t *testing.T) {
	seen := map[string][]string{}
	note := func(name string, in *sdk.Batch, i int) {
		var notes []string
		for _, a := range in.Event(i).Annotations {
			notes = append(notes, a.Analyzer+"."+a.Field+"="+a.Value.Text())
		}
		seen[name] = append(seen[name], in.ID(i)+" "+strings.Join(notes, " "))
	}
	bubble(t, chainProgram(map[string]sdk.Analyzer{
		"first": each(func(in *sdk.Batch, i int, out *sdk.Additions) {
			note("first", in, i)
			out.SetNumber(i, "length", float64(len(in.Text(i))))
			if in.ID(i) == "c" {
				out.Drop(i, "spam")
			}
		}),
		"second": each(func(in *sdk.Batch, i int, out *sdk.Additions) {
			note("second", in, i)
			out.SetBool(i, "long", in.Annotation(i, "my first", "length").Num > 5)
			out.Emit(sdk.Event{ID: "in_" + in.ID(i), Time: in.Event(i).Time, Insight: &sdk.Insight{Key: in.ID(i)}})
		}),
		"third": each(func(in *sdk.Batch, i int, out *sdk.Additions) { note("third", in, i) }),
	}), func(t *testing.T, conn *grpc.ClientConn) {
		r := recordsOf(t, said("a", "short"), said("b", "rather long"), said("c", "spam"), said("d", "another long one"))
		before := &sdk.Additions{Analyzer: "lang"}
		before.Reset(sdk.NewBatch(r, nil, nil, nil))
		before.SetString(1, "code", "en")
		before.SetString(3, "code", "de")
		b, err := before.Encode()
		if err != nil {
			t.Fatal(err)
		}
		a := answer(t, submit(t, chainOf(t, conn, "first", "second", "third"), &wire.Work{Records: r, Events: []uint32{1, 2, 3}, Additions: [][]byte{b}}))

		want := map[string][]string{
			"first":  {"b lang.code=en", "c ", "d lang.code=de"},
			"second": {"b lang.code=en my first.length=11", "d lang.code=de my first.length=16"},
			"third":  {"b lang.code=en my first.length=11 my second.long=true", "d lang.code=de my first.length=16 my second.long=true"},
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("what the analyzers saw (-want +got):\n%s", diff)
		}
		if len(a.Added) != 3 || len(a.Additions) != 3 {
			t.Fatalf("additions of %d analyzers", len(a.Added))
		}
		if diff := cmp.Diff([]sdk.Drop{{Rule: "spam", Events: []uint32{2}}}, a.Added[0].Drops); diff != "" {
			t.Errorf("drops (-want +got):\n%s", diff)
		}
		if got := a.Added[1]; got.Analyzer != "my second" || got.Plugin != "second" || got.Version != "1.2.3" || got.Params == "" ||
			!slices.Equal(idsOf(got.Emitted), []string{"in_b", "in_d"}) || !got.Value(0, "long").IsNull() {
			t.Errorf("the second added %+v", got)
		}
		if got := a.Added[2]; got.Analyzer != "my third" || len(got.Columns) != 0 {
			t.Errorf("the third added %+v", got)
		}
	})
}

// modelled answers by a model.
type modelled struct{ analyzeFunc }

func (modelled) Model() string { return "4f2a90c1d3e7" }

func TestTheModelIsPartOfTheProvenance(t *testing.T) {
	one := modelled{each(func(_ *sdk.Batch, i int, out *sdk.Additions) { out.SetBool(i, "yes", true) })}
	bubble(t, chainProgram(map[string]sdk.Analyzer{"one": one}), func(t *testing.T, conn *grpc.ClientConn) {
		a := answer(t, submit(t, chainOf(t, conn, "one"), &wire.Work{Records: recordsOf(t, saids("a")...)}))
		if got := a.Added[0].Version; got != "1.2.3+4f2a90c1d3e7" {
			t.Errorf("version %q, want the model's hash in it", got)
		}
	})
}

func TestAnalyzersAfterOneThatDropsAllAreSkipped(t *testing.T) {
	bubble(t, chainProgram(map[string]sdk.Analyzer{
		"dropper": each(func(_ *sdk.Batch, i int, out *sdk.Additions) { out.Drop(i, "all") }),
		"never":   analyzeFunc(func(context.Context, *sdk.Batch, *sdk.Additions) error { return errors.New("called without events") }),
	}), func(t *testing.T, conn *grpc.ClientConn) {
		a := answer(t, submit(t, chainOf(t, conn, "dropper", "never", "never"), &wire.Work{Records: recordsOf(t, saids("a", "b")...)}))
		if len(a.Additions) != 3 || len(a.Additions[1]) != 0 || len(a.Additions[2]) != 0 || len(a.Added[0].Drops) != 1 || a.Added[2].Value(0, "x").Kind != sdk.Null {
			t.Errorf("got %+v", a)
		}
	})
}

type attrConfig struct {
	By sdk.PerEvent `pintle:"by"`
}

// Each instance sees the values of its own per-event attributes, under the events' own places.
func TestAttributesReachTheirInstance(t *testing.T) {
	open := func(_ context.Context, c attrConfig) (sdk.Analyzer, error) {
		return each(func(in *sdk.Batch, i int, out *sdk.Additions) { out.SetString(i, "by", in.Attr(i, c.By).Text()) }), nil
	}
	bubble(t, wire.Register(sdk.Program{Name: "test", Analyzers: []sdk.AnalyzerSpec{sdk.NewAnalyzer("by", "", nil, open)}}), func(t *testing.T, conn *grpc.ClientConn) {
		set := []byte(`{"by":true}`)
		s, err := wire.OpenChain(t.Context(), conn, epoch, []wire.Instance{{Name: "x", Type: "by", Config: set}, {Name: "y", Type: "by", Config: set}, {Name: "z", Type: "by"}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		column := func(values ...string) [][]byte {
			c := &sdk.Column{Name: "by"}
			for i, v := range values {
				if v != "" {
					c.Set(i, sdk.StringValue(v))
				}
			}
			return [][]byte{sdk.EncodeColumn(c, 3)}
		}
		w := &wire.Work{Records: recordsOf(t, saids("a", "b", "c")...), Events: []uint32{0, 2}, Attributes: [][][]byte{column("x0", "x1", "x2"), column("", "y1", "")}}
		a := answer(t, submit(t, s, w))
		var got []string
		for _, added := range a.Added {
			got = append(got, added.Value(0, "by").Text()+" "+added.Value(1, "by").Text()+" "+added.Value(2, "by").Text())
		}
		if diff := cmp.Diff([]string{"x0  x2", "  ", "  "}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		w.Attributes = [][][]byte{nil, {[]byte("junk")}}
		_, err = submit(t, s, w).Wait(t.Context())
		if work := (*wire.WorkError)(nil); !errors.As(err, &work) || work.Instance != "y" {
			t.Errorf("attributes nobody can read: %v", err)
		}
	})
}

func TestAWorkThatFailsLeavesTheSessionUsable(t *testing.T) {
	poison := func(what func(out *sdk.Additions) error) analyzeFunc {
		return func(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
			for i := range in.Len() {
				out.SetString(i, "seen", in.ID(i))
				if in.Text(i) == "poison" {
					return what(out)
				}
			}
			return nil
		}
	}
	slow := sdk.Errorf(sdk.Exhausted, "quota used up")
	slow.RetryAfter = 90_000_000_000
	tests := []struct {
		name string
		what func(out *sdk.Additions) error
		code sdk.Code
		says string
	}{
		{"an error", func(*sdk.Additions) error { return slow }, sdk.Exhausted, "quota used up"},
		{"a panic", func(*sdk.Additions) error { panic("words of a customer") }, sdk.Internal, "panicked"},
		{"a mistake in what it adds", func(out *sdk.Additions) error { out.SetString(0, "seen", "again"); return nil }, sdk.Internal, `"seen"`},
		{"an error that is no text", func(*sdk.Additions) error { return errors.New("bytes \xff\xfe") }, sdk.Internal, "bytes \ufffd"},
		{"too much", func(out *sdk.Additions) error {
			out.SetString(0, "copy", strings.Repeat("x", sdk.MaxAdditionsBytes))
			return nil
		}, sdk.Exhausted, "bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok := each(func(*sdk.Batch, int, *sdk.Additions) {})
			bubble(t, chainProgram(map[string]sdk.Analyzer{"ok": ok, "bad": poison(tt.what)}), func(t *testing.T, conn *grpc.ClientConn) {
				s := chainOf(t, conn, "ok", "bad", "ok")
				before := submit(t, s, &wire.Work{Records: recordsOf(t, said("a", "x"))})
				failing := submit(t, s, &wire.Work{Records: recordsOf(t, said("b", "poison"))})
				after := submit(t, s, &wire.Work{Records: recordsOf(t, said("c", "x"))})
				_, err := failing.Wait(t.Context())
				wantCode(t, err, tt.code, tt.says)
				var work *wire.WorkError
				if !errors.As(err, &work) || work.Instance != "my bad" {
					t.Errorf("got %v, want a WorkError of my bad", err)
				}
				var e *sdk.Error
				if errors.As(err, &e); e.RetryAfter != 0 != (tt.name == "an error") || e.Stack != "" != (tt.name == "a panic") {
					t.Errorf("pause %v, stack %q", e.RetryAfter, e.Stack)
				}
				if strings.Contains(err.Error()+e.Stack, "customer") {
					t.Errorf("a panic's own words were passed on: %v", err)
				}
				for p, id := range map[*wire.Pending]string{before: "a", after: "c"} {
					if got := answer(t, p).Added[1].Value(0, "seen").Str; got != id {
						t.Errorf("the work before or after says %q, want %q", got, id)
					}
				}
				if err := s.Err(); err != nil {
					t.Errorf("the session ended: %v", err)
				}
			})
		})
	}
}

// The additions of a whole chain must fit one message; what is too much is the batch's fault, not the session's.
func TestAChainThatAddsTooMuchFailsTheWork(t *testing.T) {
	big := each(func(_ *sdk.Batch, i int, out *sdk.Additions) {
		out.SetString(i, "copy", strings.Repeat("x", sdk.MaxAdditionsBytes-1000))
	})
	bubble(t, chainProgram(map[string]sdk.Analyzer{"big": big}), func(t *testing.T, conn *grpc.ClientConn) {
		s := chainOf(t, conn, "big", "big", "big", "big", "big")
		_, err := submit(t, s, &wire.Work{Records: recordsOf(t, said("a", "x"))}).Wait(t.Context())
		wantCode(t, err, sdk.Exhausted, "bytes")
		_, err = submit(t, s, &wire.Work{Records: recordsOf(t, said("a", "x"))}).Wait(t.Context())
		wantCode(t, err, sdk.Exhausted, "bytes")
	})
}

func TestCloseWhileWorking(t *testing.T) {
	began, ended := make(chan struct{}), make(chan error, 1)
	bubble(t, chainProgram(map[string]sdk.Analyzer{"slow": analyzeFunc(func(ctx context.Context, _ *sdk.Batch, _ *sdk.Additions) error {
		close(began)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})}), func(t *testing.T, conn *grpc.ClientConn) {
		s := chainOf(t, conn, "slow")
		p := submit(t, s, &wire.Work{Records: recordsOf(t, said("a", "x"))})
		<-began
		s.Close()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the analyzer's context: %v", err)
		}
		_, err := p.Wait(t.Context())
		wantCode(t, err, sdk.Unavailable, "")
		<-s.Done()
		if _, err := s.Submit(&wire.Work{Records: recordsOf(t, said("b", "x"))}); sdk.CodeOf(err) != sdk.Unavailable {
			t.Errorf("submit after close: %v", err)
		}
		s.Close()
	})
}

// Finish lets the plugin answer what it has.
func TestFinishAnswersFirst(t *testing.T) {
	bubble(t, chainProgram(map[string]sdk.Analyzer{"ok": each(func(in *sdk.Batch, i int, out *sdk.Additions) { out.SetString(i, "id", in.ID(i)) })}),
		func(t *testing.T, conn *grpc.ClientConn) {
			s := chainOf(t, conn, "ok")
			var pending []*wire.Pending
			for range 20 {
				pending = append(pending, submit(t, s, &wire.Work{Records: recordsOf(t, saids("a")...)}))
			}
			s.Finish(t.Context())
			for _, p := range pending {
				if got := answer(t, p).Added[0].Value(0, "id").Str; got != "a" {
					t.Errorf("got %q", got)
				}
			}
			wantCode(t, s.Err(), sdk.Unavailable, "closed the stream")
		})
}

func TestFinishEndsWithItsContext(t *testing.T) {
	bubble(t, chainProgram(map[string]sdk.Analyzer{"slow": analyzeFunc(func(ctx context.Context, _ *sdk.Batch, _ *sdk.Additions) error { <-ctx.Done(); return nil })}),
		func(t *testing.T, conn *grpc.ClientConn) {
			s := chainOf(t, conn, "slow")
			p := submit(t, s, &wire.Work{Records: recordsOf(t, saids("a")...)})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			s.Finish(ctx)
			_, err := p.Wait(t.Context())
			wantCode(t, err, sdk.Unavailable, "")
		})
}

func TestWaitGivesUpWithItsContext(t *testing.T) {
	gate := make(chan struct{})
	bubble(t, chainProgram(map[string]sdk.Analyzer{"slow": analyzeFunc(func(context.Context, *sdk.Batch, *sdk.Additions) error { <-gate; return nil })}),
		func(t *testing.T, conn *grpc.ClientConn) {
			s := chainOf(t, conn, "slow")
			p := submit(t, s, &wire.Work{Records: recordsOf(t, said("a", "x"))})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := p.Wait(ctx)
			wantCode(t, err, sdk.Unavailable, "in time")
			close(gate)
			if a := answer(t, p); len(a.Added) != 1 || !cmp.Equal(a.Added[0].Drops, []sdk.Drop(nil), cmpopts.EquateEmpty()) {
				t.Errorf("the same work, waited for again: %+v", a)
			}
		})
}

// What cannot travel is refused before it is sent.
func TestSubmitRefusesAndGoesOn(t *testing.T) {
	bubble(t, chainProgram(map[string]sdk.Analyzer{"ok": each(func(*sdk.Batch, int, *sdk.Additions) {})}), func(t *testing.T, conn *grpc.ClientConn) {
		s := chainOf(t, conn, "ok")
		r := recordsOf(t, saids("a", "b")...)
		if _, err := s.Submit(&wire.Work{Records: r, Events: []uint32{}}); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("a work of no events: %v", err)
		}
		if _, err := s.Submit(&wire.Work{Records: r, Additions: [][]byte{make([]byte, wire.MaxMessageBytes)}}); sdk.CodeOf(err) != sdk.Exhausted {
			t.Errorf("a work that no message holds: %v", err)
		}
		answer(t, submit(t, s, &wire.Work{Records: r}))
	})
}
