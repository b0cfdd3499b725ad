package file_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/plugins/file"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// input writes a file of the name given for each check, and returns a configuration that reads it.
func input(name, content string, more map[string]any) func(testing.TB) any {
	return func(t testing.TB) any {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		config := map[string]any{"path": path}
		for name := range more {
			config[name] = more[name]
		}
		return config
	}
}

func TestContractOfTheSource(t *testing.T) {
	fields := map[string]string{"id": "id", "text": "text", "author": "by", "time": "at"}
	table := "id,text,by,at\n"
	for _, id := range strings.Split("abcdefghi", "") {
		table += id + `,"says ` + id + "\non two lines\",ann,2026-05-04\n"
	}
	jsonl := strings.Repeat(`{"id":"1","text":"hello","by":"ann","at":"2026-05-04T08:00:00Z"}`+"\n"+`{"text":"no id"}`+"\n\nno JSON\n", 3)
	invalid := []any{
		map[string]any{"path": "in.jsonl", "delimiter": ";;"}, map[string]any{"path": "in.unknown"}, map[string]any{"path": "in[.csv"},
		map[string]any{"path": "in.txt", "fields": fields}, map[string]any{"path": "in.csv", "fields": map[string]string{"nothing": "x"}},
	}
	for name, setup := range map[string]func(testing.TB) any{
		"jsonl":  input("in.jsonl", jsonl, map[string]any{"fields": fields}),
		"csv":    input("in.csv", table, map[string]any{"fields": fields, "kind": "review"}),
		"lines":  input("in.txt", "one\ntwo\n\nthree\none", nil),
		"follow": input("in.jsonl", jsonl, map[string]any{"fields": fields, "follow": true, "every": "10ms"}),
	} {
		t.Run(name, func(t *testing.T) {
			sdktest.TestSource(t, sdktest.Suite{Program: file.Program(), Type: "file", Setup: setup, Invalid: invalid})
		})
	}
}

func TestContractOfTheSink(t *testing.T) {
	line := func(e *sdk.Event) any { return e.Text() }
	for name, more := range map[string]map[string]any{
		"jsonl":   {},
		"text":    {"format": "text", "line": line},
		"rotated": {"rotate": "size", "max_size": 8 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			sdktest.TestSink(t, sdktest.Suite{Program: file.Program(), Type: "file", Setup: input("out", "", more),
				Invalid: []any{map[string]any{"path": filepath.Join(t.TempDir(), "out"), "line": line}}})
		})
	}
}

// A hub's standard output is a descriptor that only a process of its own has, so the sink is given another stream.
func TestContractOfStdout(t *testing.T) {
	p := file.Program()
	i := slices.IndexFunc(p.Sinks, func(s sdk.SinkSpec) bool { return s.Type == "stdout" })
	p.Sinks[i].Open = sdk.NewSink("stdout", "", sdk.NoKey, func(_ context.Context, c file.StdoutConfig) (sdk.Sink, error) {
		return file.NewStdout(c, io.Discard)
	}).Open
	text := func(e *sdk.Event) any { return e.Text() }
	for name, config := range map[string]map[string]any{"text": {"text": text}, "json": {"format": "json"}} {
		t.Run(name, func(t *testing.T) {
			sdktest.TestSink(t, sdktest.Suite{Program: p, Type: "stdout", Config: config,
				Invalid: []any{map[string]any{"format": "json", "text": text}}})
		})
	}
}
