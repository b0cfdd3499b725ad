package sdktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

type shelfConfig struct {
	Dir   string            `pintle:"dir,required" doc:"Where records go."`
	Token sdk.Secret        `pintle:"token" doc:"Opens the shelf."`
	Heads map[string]string `pintle:"headers,sensitive" doc:"Sent along."`
	Retry []struct {
		Key sdk.Secret `pintle:"key" doc:"A key."`
	} `pintle:"retry,block" doc:"Nothing."`
}

// shelf writes a file an event; fault is what is wrong with it.
type shelf struct {
	shelfConfig
	fault string
}

func (s *shelf) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	results := in.Results()
	for i := range results {
		name := filepath.Join(s.Dir, sdk.HashID(in.ID(i)))
		_, err := os.Stat(name)
		results[i] = sdk.DoneWith(name)
		if err == nil {
			results[i] = s.again(name)
		}
		if err := os.WriteFile(name, []byte(in.ID(i)), 0o600); err != nil {
			return nil, err
		}
	}
	return s.wrong(ctx, in, results)
}

func (s *shelf) again(name string) sdk.Result {
	if s.fault == "no repeats" {
		return sdk.RejectWith("EEXIST", "id", "is there already")
	}
	return sdk.DuplicateOf(name)
}

func (s *shelf) wrong(_ context.Context, in *sdk.Batch, results []sdk.Result) ([]sdk.Result, error) {
	last := &results[len(results)-1]
	switch s.fault {
	case "short":
		return results[1:], nil
	case "no code":
		*last = sdk.Result{Outcome: sdk.Reject, Message: "no"}
	case "no message":
		*last = sdk.Result{Outcome: sdk.Reject, Code: "422"}
	case "fatal":
		*last = sdk.FatalWith("x", "y")
	case "retry":
		*last = sdk.RetryAfter(0, "later")
	case "code of success":
		last.Code = "200"
	case "quotes":
		*last = sdk.RejectWith("422", "text", "cannot write "+in.Text(2))
	case "shows":
		return nil, fmt.Errorf("post with token %s: refused", s.Retry[0].Key.Reveal())
	case "shows a header":
		return nil, fmt.Errorf("post with %v: refused", s.Heads)
	case "fails":
		return nil, errors.New("disk full")
	case "stubborn":
		<-time.After(time.Second)
	}
	return results, nil
}

func shelfProgram(fault string, change ...func(*sdk.SinkSpec)) sdk.Program {
	spec := sdk.NewSink("shelf", "Writes files.", sdk.NativeKey, func(_ context.Context, c shelfConfig) (sdk.Sink, error) {
		if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
			return nil, sdk.Errorf(sdk.Invalid, "dir: %s is no folder", c.Dir)
		}
		return &shelf{shelfConfig: c, fault: fault}, nil
	})
	for _, f := range change {
		f(&spec)
	}
	return sdk.Program{Name: "shelf", Version: "1.0.0", Sinks: []sdk.SinkSpec{spec}}
}

func shelfSetup(t testing.TB) any {
	return map[string]any{"dir": t.TempDir(), "token": sdk.NewSecret("t0k3n-0f-shelf"), "headers": map[string]string{"Authorization": "Bearer b34r3r"}, "retry": []map[string]any{{"key": "k3y-0f-retry"}}}
}

func TestAGoodSinkPasses(t *testing.T) {
	TestSink(t, Suite{Program: shelfProgram(""), Type: "shelf", Setup: shelfSetup, Invalid: []any{map[string]any{"dir": "/not/there"}},
		Events: []sdk.Event{{ID: "1", Feedback: &sdk.Feedback{Text: "two days late again"}}}})
}

func TestBrokenSinksAreFound(t *testing.T) {
	of := func(fault, check, says string, change ...func(*sdk.SinkSpec)) broken {
		return broken{fault: fault, check: check, says: says, hangs: fault == "stubborn", program: shelfProgram(fault, change...), suite: func(s *Suite) { s.Setup = shelfSetup }}
	}
	list := []broken{
		of("taken", "declares itself", "the name is taken", attribute(sdk.Attribute{Name: "labels", Doc: "D.", Type: sdk.TypeStringMap})),
		of("opens never", "opens", "does not open", func(s *sdk.SinkSpec) {
			s.Open = func(context.Context, []byte) (sdk.Sink, error) { return nil, errors.New("no") }
		}),
		of("any", "refuses a wrong configuration", "it opens with", func(s *sdk.SinkSpec) {
			s.Open = func(context.Context, []byte) (sdk.Sink, error) { return &shelf{}, nil }
		}),
		of("quotes", "keeps secrets and customers' words out of logs", "in an error or result"),
		of("shows", "keeps secrets and customers' words out of logs", "a secret of the configuration stands in an error"),
		of("shows a header", "keeps secrets and customers' words out of logs", "a secret of the configuration stands in an error"),
		of("class", "declares its idempotency", "idempotency", func(s *sdk.SinkSpec) { s.Idempotency = "maybe" }),
		of("short", "answers for every event", "events of"),
		of("fails", "answers for every event", "disk full"),
		of("no code", "answers for every event", "without a code"),
		of("no message", "answers for every event", "without a code or a message"),
		of("fatal", "answers for every event", "fatal"),
		of("retry", "answers for every event", "retry"),
		of("code of success", "answers for every event", "that is for refusals"),
		of("no repeats", "takes events that come again", "EEXIST"),
		of("fails", "takes events that come again", "disk full"),
		of("stubborn", "ends when it is closed", "still works"),
	}
	tryBroken(t, "shelf", append(common(sinkKind()), sinkChecks()...), list)
}

func attribute(a sdk.Attribute) func(*sdk.SinkSpec) {
	return func(s *sdk.SinkSpec) { s.Schema.Attributes = append(s.Schema.Attributes, a) }
}

// TestSchemaFaults breaks the schema in every way that the check of declarations looks for.
func TestSchemaFaults(t *testing.T) {
	one, two := 1.0, 2.0
	tests := []struct {
		says string
		of   sdk.Attribute
	}{
		{"no doc", sdk.Attribute{Name: "a", Type: sdk.TypeString}},
		{"lower_snake", sdk.Attribute{Name: "apiKey", Doc: "D.", Type: sdk.TypeString}},
		{"lower_snake", sdk.Attribute{Name: "_a", Doc: "D.", Type: sdk.TypeString}},
		{"the name is taken", sdk.Attribute{Name: "dir", Doc: "D.", Type: sdk.TypeString}},
		{"the name is taken", sdk.Attribute{Name: "when", Doc: "D.", Type: sdk.TypeString}},
		{"belong together", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeAny}},
		{"belong together", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeString, PerEvent: true}},
		{"never counts", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeString, Required: true, Default: "x"}},
		{"so never", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeNumber, Min: &two, Max: &one}},
		{"everybody knows", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeString, Sensitive: true, Default: "admin"}},
		{"none of", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeString, Enum: []string{"x"}, Default: "y"}},
		{"own bounds", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeNumber, Min: &two, Default: "1"}},
		{"own bounds", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeDuration, Max: &one, Default: "5s"}},
		{"own bounds", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeStringList, Max: &one, Default: `["a","b"]`}},
		{"cannot be read", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeNumber, Default: "many"}},
		{"cannot be read", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeBool, Default: "yes"}},
		{"cannot be read", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeSize, Default: "big"}},
		{"cannot be read", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeStringList, Default: "a,b"}},
		{"cannot be read", sdk.Attribute{Name: "a", Doc: "D.", Type: sdk.TypeStringMap, Default: "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.says+" "+tt.of.Name, func(t *testing.T) {
			s := Suite{Program: shelfProgram("", attribute(tt.of)), Type: "shelf", Setup: shelfSetup}
			if said := verdict(t, common(sinkKind()), "declares itself", s); !strings.Contains(said, tt.says) {
				t.Errorf("the check says %q, want %q", said, tt.says)
			}
		})
	}
	blocks := []sdk.NestedBlock{
		{Name: "plugin", Doc: "D."}, {Name: "dir", Doc: "D."}, {Name: "Block", Doc: "D."}, {Name: "b"}, {Name: "b", Doc: "D.", Min: 3, Max: 2},
		{Name: "b", Doc: "D.", Schema: sdk.Schema{Attributes: []sdk.Attribute{{Name: "p", Doc: "D.", Type: sdk.TypeAny, PerEvent: true}}}},
	}
	for _, b := range blocks {
		s := Suite{Program: shelfProgram("", func(s *sdk.SinkSpec) { s.Schema.Blocks = append(s.Schema.Blocks, b) }), Type: "shelf", Setup: shelfSetup}
		if said := verdict(t, common(sinkKind()), "declares itself", s); said == "" {
			t.Errorf("the block %+v passes", b)
		}
	}
	when := sdk.Attribute{Name: "when", Doc: "D.", Type: sdk.TypeAny, PerEvent: true}
	if said := verdict(t, common(sinkKind()), "declares itself", Suite{Program: shelfProgram("", attribute(when)), Type: "shelf"}); said != "" {
		t.Errorf("a per-event when: %s", said)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	config := shelfConfig{Dir: dir, Token: sdk.NewSecret("t")}
	events := []sdk.Event{{ID: "a", Type: "t"}, {ID: "b", Type: "t"}}
	name := func(id string) string { return filepath.Join(dir, sdk.HashID(id)) }
	if diff := cmp.Diff([]sdk.Result{sdk.DoneWith(name("a"))}, Write(t, shelfProgram(""), "shelf", config, events[:1]...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []sdk.Result{sdk.DuplicateOf(name("a")), sdk.DoneWith(name("b"))}
	if diff := cmp.Diff(want, Write(t, shelfProgram(""), "shelf", &config, events...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConfigurationsThatDoNotFit(t *testing.T) {
	schema := shelfProgram("").Sinks[0].Schema
	for _, config := range []any{map[string]any{}, map[string]any{"dir": "x", "dri": "y"}, shelfConfig{}, 3} {
		if _, err := settingsOf(schema, config); err == nil {
			t.Errorf("%v was taken", config)
		}
	}
	for _, config := range []any{`{"dir":"x"}`, []byte(`{"dir":"x"}`), map[string]any{"dir": "x"}, &shelfConfig{Dir: "x"}} {
		if s, err := settingsOf(schema, config); err != nil || string(s.json) != `{"dir":"x"}` {
			t.Errorf("%v gives %s, %v", config, s.json, err)
		}
	}
}
