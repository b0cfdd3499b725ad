package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pintle-hub/pintle/config"
)

// TestDiagnosticJSON holds the shape that editors know.
func TestDiagnosticJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	src := "source \"file\" \"in\" {\n  path = 5\n}\n"
	if err := os.WriteFile("main.hcl", []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(config.Options{Paths: []string{"main.hcl"}, Programs: programs()})
	data, err := json.Marshal(diags)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	err = json.Unmarshal([]byte(`{
		"format_version": "1.0", "valid": false, "error_count": 1, "warning_count": 0,
		"diagnostics": [{
			"severity": "error", "summary": "Wrong type", "detail": "path is a text, but this is a number. Put it into quotes.",
			"address": "source.file.in",
			"range": {"filename": "main.hcl", "start": {"line": 2, "column": 10, "byte": 30}, "end": {"line": 2, "column": 11, "byte": 31}},
			"snippet": {"context": "source.file.in", "code": "  path = 5", "start_line": 2, "highlight_start_offset": 9, "highlight_end_offset": 10}
		}]
	}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if none, err := json.Marshal(config.Diagnostics(nil)); err != nil || !strings.Contains(string(none), `"diagnostics":[]`) {
		t.Errorf("%s %v", none, err)
	}
}

// TestTextCannotActOnTheTerminal: neither a file's name nor its text.
func TestTextCannotActOnTheTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a\x1b[2Jb.hcl")
	if err := os.WriteFile(path, []byte("source \"file\" \"in\" {\n\tnope\x1b[31m\u202e\u009b = 1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(config.Options{Paths: []string{path}, Programs: programs()})
	var plain, colored bytes.Buffer
	if err := diags.WriteText(&plain, false, 80); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(plain.String(), "\x1b\t\u202e\u009b") || plain.Len() == 0 {
		t.Errorf("%q", plain.String())
	}
	if err := diags.WriteText(&colored, true, 80); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(colored.String(), "\x1b[31merror") || strings.Contains(colored.String(), "\x1b[2J") {
		t.Errorf("%q", colored.String())
	}
}

// TestManyMistakesAreCut: a person reads a hundred at most.
func TestManyMistakesAreCut(t *testing.T) {
	_, diags := load(t, strings.Repeat("sorce \"a\" {}\n", 500))
	if len(diags) != 101 || diags[100].Detail != "400 more are not shown." {
		t.Errorf("%d diagnostics, the last is %v", len(diags), diags[len(diags)-1])
	}
}

func TestPathsThatCannotBeLoaded(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{"latin.hcl": []byte("# caf\xe9\n"), "empty/readme.txt": nil} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"none.hcl": "File not found", "latin.hcl": "File is not text", "empty": "No configuration", "": "No configuration", "device": "File cannot be read",
	} {
		o := config.Options{Paths: []string{filepath.Join(dir, path)}}
		switch path {
		case "":
			o.Paths = nil
		case "device":
			o.Paths = []string{os.DevNull}
		}
		plan, diags := config.Load(o)
		if plan != nil || len(diags) == 0 || diags[0].Summary != want {
			t.Errorf("%s: %v", path, diags)
		}
	}
}

// TestPluginsNotAsked: without Describe a type that is not built in is an error that says why.
func TestPluginsNotAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.hcl")
	if err := os.WriteFile(path, []byte("plugin \"acme\" {\n  path = \"./acme\"\n}\nsink \"acme\" \"x\" {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(config.Options{Paths: []string{path}, Programs: programs()})
	if errs, _ := diags.Count(); errs != 1 || !strings.Contains(diags.Error(), "plugins are not asked here") {
		t.Error(diags)
	}
}

// TestLoadSettings finds the hub of a configuration that is wrong elsewhere.
func TestLoadSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.hcl")
	src := "variable \"dir\" {\n  default = \"d\"\n}\nvariable \"none\" {}\npintle {\n  data_dir = var.dir\n}\nsource \"nope\" \"x\" {\n  a = b\n}\n"
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	s, diags := config.LoadSettings(config.Options{Paths: []string{path}})
	if diags.HasErrors() || s.DataDir != filepath.Join(filepath.Dir(path), "d") {
		t.Errorf("%v %v", s, diags)
	}
}

func TestGraph(t *testing.T) {
	plan, diags := load(t, string(config.Starter()))
	if plan == nil || len(diags) > 0 {
		t.Fatal(diags)
	}
	var ways []string
	for _, e := range plan.Graph().Edges {
		ways = append(ways, e.From+" -> "+e.To+" "+e.Label)
	}
	want := []string{
		"source.file.feedback -> pipeline.listening.analyzer.sentiment.mood ",
		`pipeline.listening.analyzer.sentiment.mood -> pipeline.listening.unhappy event.mood.label == "negative"`,
		"pipeline.listening.unhappy -> sink.stdout.terminal ",
	}
	if diff := cmp.Diff(want, ways); diff != "" {
		t.Error(diff)
	}
}

func TestFormat(t *testing.T) {
	got, diags := config.Format([]byte("source \"file\"   \"in\" {\npath=\"x\"\n   format   = \"csv\"\n}\n"), "main.hcl")
	if want := "source \"file\" \"in\" {\n  path   = \"x\"\n  format = \"csv\"\n}\n"; string(got) != want || diags.HasErrors() {
		t.Errorf("got\n%s%v", got, diags)
	}
	broken := []byte("source {")
	if got, diags := config.Format(broken, "main.hcl"); !bytes.Equal(got, broken) || !diags.HasErrors() {
		t.Errorf("%s %v", got, diags)
	}
	if formatted, _ := config.Format(config.Starter(), "starter.hcl"); !bytes.Equal(formatted, config.Starter()) {
		t.Errorf("the starter is not in the one style:\n%s", formatted)
	}
}

// FuzzFormat: formatting twice is formatting once, and what parsed still does.
func FuzzFormat(f *testing.F) {
	f.Add([]byte(secretive))
	f.Add(config.Starter())
	f.Fuzz(func(t *testing.T, src []byte) {
		once, diags := config.Format(src, "a.hcl")
		if diags.HasErrors() {
			return
		}
		twice, diags := config.Format(once, "a.hcl")
		if diags.HasErrors() || !bytes.Equal(once, twice) {
			t.Errorf("%q\nonce  %q\ntwice %q\n%v", src, once, twice, diags)
		}
	})
}

// BenchmarkLoad reads a configuration of 200 blocks.
func BenchmarkLoad(b *testing.B) {
	var src strings.Builder
	src.WriteString("source \"file\" \"in\" {\n  path = \"x\"\n}\nanalyzer \"sentiment\" \"mood\" {}\n")
	src.WriteString("pipeline \"p\" {\n  from    = [source.file.in]\n  through = [analyzer.sentiment.mood]\n")
	for i := range 200 {
		src.WriteString("  route \"r" + itoa(i) + "\" {\n    when = event.mood.score < -0.5 && event.text != null\n    to   = [sink.sql.s" + itoa(i) + "]\n  }\n")
	}
	src.WriteString("}\n")
	for i := range 200 {
		src.WriteString("sink \"sql\" \"s" + itoa(i) + "\" {\n  driver = \"sqlite\"\n  dsn = \"x\"\n  table = \"t\"\n  columns = {\n    id = event.id\n    mood = upper(event.mood.label)\n  }\n}\n")
	}
	path := filepath.Join(b.TempDir(), "main.hcl")
	if err := os.WriteFile(path, []byte(src.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if plan, diags := config.Load(config.Options{Paths: []string{path}, Programs: programs()}); plan == nil {
			b.Fatal(diags)
		}
	}
}

// TestLinesOfADetailStayLines: what a program said last, in lines of its own, is not poured into one paragraph.
func TestLinesOfADetailStayLines(t *testing.T) {
	diags := config.Diagnostics{{Severity: config.Error, Summary: "Plugin cannot be asked",
		Detail: "It exited with code 7. Its last words:\n  acme: no licence found in\x1b /etc/acme\n  acme: giving up\nInstall the licence."}}
	var text bytes.Buffer
	if err := diags.WriteText(&text, false, 34); err != nil {
		t.Fatal(err)
	}
	want := `error: Plugin cannot be asked
  It exited with code 7. Its last
  words:
    acme: no licence found in?
    /etc/acme
    acme: giving up
  Install the licence.
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}
