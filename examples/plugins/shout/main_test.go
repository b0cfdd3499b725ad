package main

import (
	"bytes"
	"go/format"
	"os"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

func TestContract(t *testing.T) {
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: program(), Type: "shout", Config: map[string]any{"end": "?"}})
}

func TestShout(t *testing.T) {
	chain := []sdktest.Instance{{Name: "loud", Type: "shout"}, {Name: "doubt", Type: "shout", Config: map[string]any{"end": "?!"}}}
	got := sdktest.Analyze(t, program(), chain, sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: "help, äh"}})
	for analyzer, want := range map[string]string{"loud": "HELP, ÄH!", "doubt": "HELP, ÄH?!"} {
		if text := got.Events[0].Annotation(analyzer, "text").Text(); text != want {
			t.Errorf("%s adds %q, want %q", analyzer, text, want)
		}
	}
}

// The documentation promises a plugin in 25 lines.
func TestItIsSmall(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	formatted, err := format.Source(source)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(formatted, []byte("\n")); n > 25 {
		t.Errorf("main.go has %d lines as gofmt writes it, want at most 25", n)
	}
}
