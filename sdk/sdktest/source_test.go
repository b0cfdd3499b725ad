package sdktest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

type linesConfig struct {
	Count int        `pintle:"count" default:"7" min:"0" doc:"How many lines there are."`
	Each  int        `pintle:"each" default:"1" min:"1" doc:"How many a call sends."`
	Emit  bool       `pintle:"emit" doc:"Wait for each."`
	Token sdk.Secret `pintle:"token" doc:"Opens the channel."`
}

// lines is a source of numbered lines; fault is what is wrong with it.
type lines struct {
	linesConfig
	fault string
	reads *int
}

func (l lines) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	if l.fault == "stubborn" {
		defer func() { <-time.After(time.Second) }()
	}
	*l.reads++
	next, _ := strconv.Atoi(string(from))
	if l.fault == "forget" && from != nil {
		next++
	}
	if l.fault == "repeat" {
		next = 0
	}
	for next < l.Count {
		var events []sdk.Event
		for i := next; i < min(next+l.Each, l.Count); i++ {
			events = append(events, l.event(i))
		}
		next += len(events)
		if err := l.send(ctx, next, out, events); err != nil {
			if l.fault == "deaf" {
				<-ctx.Done()
			}
			return err
		}
	}
	if !sdk.Once(ctx) || l.fault == "endless" {
		<-ctx.Done()
	}
	return nil
}

func (l lines) send(ctx context.Context, next int, out sdk.Emitter, events []sdk.Event) error {
	at := sdk.Position(strconv.Itoa(next))
	switch l.fault {
	case "ahead":
		at = sdk.Position(strconv.Itoa(next + 1))
	case "no position":
		at = nil
	}
	if l.Emit {
		return out.Emit(ctx, at, events...)
	}
	return out.Send(ctx, at, events...)
}

func (l lines) event(i int) sdk.Event {
	e := sdk.Event{ID: fmt.Sprint("line-", i), Feedback: &sdk.Feedback{Text: "text of line " + strconv.Itoa(i)}}
	if l.fault == "other content" {
		e.Feedback.Text += fmt.Sprint(" at read ", *l.reads)
	}
	if l.fault == "other ids" {
		e.ID += fmt.Sprint(" of read ", *l.reads)
	}
	return e
}

func linesProgram(fault string) sdk.Program {
	reads := 0
	spec := sdk.NewSource("lines", "Numbered lines.", func(_ context.Context, c linesConfig) (sdk.Source, error) {
		switch {
		case fault == "leak":
			go func() { <-time.After(time.Second) }()
		case fault == "log":
			slog.Info("opened", "token", c.Token.Reveal())
		case fault == "no open":
			return nil, errors.New("no server")
		case c.Count < 0 && fault != "lenient":
			return nil, sdk.Errorf(sdk.Invalid, "count must not be negative")
		}
		return lines{c, fault, &reads}, nil
	})
	spec.Finite = true
	return sdk.Program{Name: "lines", Version: "1.0.0", Sources: []sdk.SourceSpec{spec}}
}

func TestAGoodSourcePasses(t *testing.T) {
	for _, config := range []map[string]any{{"token": "t0k3n-0f-lines"}, {"count": 100, "each": 3}, {"emit": true}} {
		TestSource(t, Suite{Program: linesProgram(""), Type: "lines", Config: config, Invalid: []any{map[string]any{"count": -1}}})
	}
}

func TestBrokenSourcesAreFound(t *testing.T) {
	with := func(fault string) sdk.Program { return linesProgram(fault) }
	lenient := func(s *Suite) { s.Invalid = []any{map[string]any{"count": -1}} }
	raw := with("")
	open := raw.Sources[0].Open
	raw.Sources[0].Open = func(ctx context.Context, config []byte) (sdk.Source, error) {
		s, err := open(ctx, config)
		if err != nil {
			return nil, errors.New("something is wrong with " + string(config))
		}
		return s, nil
	}
	perEvent := with("")
	perEvent.Sources[0].Schema.Attributes = append(perEvent.Sources[0].Schema.Attributes, sdk.Attribute{Name: "body", Doc: "D.", Type: sdk.TypeAny, PerEvent: true})
	tryBroken(t, "lines", append(common(sourceKind()), sourceChecks()...), []broken{
		{fault: "per-event attribute", check: "declares itself", says: "no events yet", program: perEvent},
		{fault: "missing", check: "declares itself", says: "no source", program: sdk.Program{Name: "x", Version: "1.0.0"}},
		{fault: "error", check: "opens", says: "no server", program: with("no open")},
		{fault: "leak", hangs: true, check: "opens", says: "goroutines go on", program: with("leak")},
		{fault: "lenient", check: "refuses a wrong configuration", says: "Invalid[0]", program: with("lenient"), suite: lenient},
		{fault: "wrong code", check: "refuses a wrong configuration", says: "code internal", program: raw},
		{fault: "no such attribute", check: "refuses a wrong configuration", says: "never reaches", program: with(""),
			suite: func(s *Suite) { s.Invalid = []any{map[string]any{"cuont": 1}} }},
		{fault: "log", check: "keeps secrets and customers' words out of logs", says: "in the log", program: with("log"),
			config: map[string]any{"token": "s3cr3t-token"}},
		{fault: "error with secret", check: "keeps secrets and customers' words out of logs", says: "in an error", program: raw,
			config: map[string]any{"token": "s3cr3t-token"}},
		{fault: "stubborn", hangs: true, check: "ends when it is drained", says: "drained", program: with("stubborn")},
		{fault: "stubborn", hangs: true, check: "ends when it is closed", says: "still works", program: with("stubborn")},
		{fault: "other content", check: "gives the same events when read again", says: "another content", program: with("other content")},
		{fault: "other ids", check: "gives the same events when read again", says: "is lost", program: with("other ids")},
		{fault: "no position", check: "gives the same events when read again", says: "no position", program: with("no position")},
		{fault: "repeat", check: "gives the same events when read again", says: "at its last position", program: with("repeat")},
		{fault: "nothing", check: "gives the same events when read again", says: "nothing to read", program: with(""), config: map[string]any{"count": 0}},
		{fault: "endless", hangs: true, check: "gives the same events when read again", says: "asked to read once", program: with("endless")},
		{fault: "forget", check: "loses nothing when killed at any acknowledgement", says: "is lost", program: with("forget")},
		{fault: "ahead", check: "loses nothing when killed at any acknowledgement", says: "is lost", program: with("ahead")},
		{fault: "deaf", hangs: true, check: "ends when a batch cannot be stored", says: "still runs", program: with("deaf"), config: map[string]any{"emit": true}},
	})
}

func TestSourceRun(t *testing.T) {
	r := Source(t, linesProgram(""), "lines", linesConfig{Count: 5, Emit: true, Token: sdk.NewSecret("x")})
	if !r.KillAt(2) || len(r.Events()) != 2 || string(r.Position()) != "2" {
		t.Errorf("killed after 2 batches there are %d events, position %q", len(r.Events()), r.Position())
	}
	if got := ids(r.Collect()); !slices.Equal(got, []string{"line-2", "line-3", "line-4"}) {
		t.Errorf("then it gives %q", got)
	}
	if r.KillAt(1) {
		t.Error("there was another batch after the last")
	}
	r.Resume(sdk.Position("3"))
	if got := ids(r.Collect()); !slices.Equal(got, []string{"line-3", "line-4"}) || len(r.Events()) != 2 {
		t.Errorf("from position 3 it gives %q", got)
	}
	ran := false
	if got := r.CollectWhile(func() { ran = true }); len(got) != 0 || !ran {
		t.Errorf("at the end it gives %q", ids(got))
	}
}

func ids(events []sdk.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

// push is a source that is told what there is, like a webhook.
type push struct{ calls chan string }

func (p push) Run(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-p.calls:
			if err := out.Emit(ctx, nil, sdk.Event{ID: id, Feedback: &sdk.Feedback{Text: "x"}}); err != nil {
				return err
			}
			p.calls <- "stored " + id
		}
	}
}

func TestAPushSource(t *testing.T) {
	calls := make(chan string)
	spec := sdk.NewSource("push", "Is told.", func(context.Context, struct{}) (sdk.Source, error) { return push{calls}, nil })
	spec.Push = true
	p := sdk.Program{Name: "push", Version: "1.0.0", Sources: []sdk.SourceSpec{spec}}
	TestSource(t, Suite{Program: p, Type: "push"})
	r := Source(t, p, "push", nil)
	got := r.CollectWhile(func() {
		for _, id := range []string{"a", "b"} {
			calls <- id
			if said := <-calls; said != "stored "+id {
				t.Errorf("got %q", said)
			}
		}
	})
	if !slices.Equal(ids(got), []string{"a", "b"}) || r.Position() != nil {
		t.Errorf("got %q at %q", ids(got), r.Position())
	}
}
