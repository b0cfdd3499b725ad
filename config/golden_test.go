package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what is got into the golden files")

// TestMistakes loads the configurations of testdata/mistakes: each must be refused, or warned about, in the words that the
// file holds under "want".
func TestMistakes(t *testing.T) {
	golden(t, "testdata/mistakes/*.txtar", func(t *testing.T, o config.Options) string {
		_, diags := config.Load(o)
		if len(diags) == 0 {
			t.Error("no diagnostics")
		}
		return diagnosticText(t, diags)
	})
}

// TestPlans loads the configurations of testdata/plans, which are right.
func TestPlans(t *testing.T) {
	golden(t, "testdata/plans/*.txtar", func(t *testing.T, o config.Options) string {
		plan, diags := config.Load(o)
		if plan == nil {
			t.Fatal(diagnosticText(t, diags))
		}
		return diagnosticText(t, diags) + planText(t, plan)
	})
}

func diagnosticText(t *testing.T, diags config.Diagnostics) string {
	var buf bytes.Buffer
	if err := diags.WriteText(&buf, false, 100); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func golden(t *testing.T, pattern string, run func(*testing.T, config.Options) string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	for _, name := range files {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := run(t, optionsFor(t, archive))
			compare(t, path, archive, got)
		})
	}
}

// optionsFor unpacks an archive into a fresh folder and goes there. The file "vars" holds name=value for --var, "env" the
// environment; files that end in .vars are for --var-file.
func optionsFor(t *testing.T, a *txtar.Archive) config.Options {
	t.Helper()
	t.Chdir(t.TempDir())
	o := config.Options{Paths: []string{"."}, Programs: programs(), Describe: describe}
	env := map[string]string{}
	for _, f := range a.Files {
		switch {
		case f.Name == "want":
			continue
		case f.Name == "vars":
			o.Vars = pairs(f.Data)
		case f.Name == "env":
			env = pairs(f.Data)
		case strings.HasSuffix(f.Name, ".vars"):
			o.VarFiles = append(o.VarFiles, f.Name)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.Environ = func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return o
}

func pairs(data []byte) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			m[name] = value
		}
	}
	return m
}

// describe knows one plugin.
func describe(p config.Plugin) (sdk.Program, error) {
	if filepath.Base(p.Path) != "acme" {
		return sdk.Program{}, fmt.Errorf("there is no program %s", filepath.Base(p.Path))
	}
	return sdk.Program{
		Name: "acme", Version: "3.1.4", Sinks: []sdk.SinkSpec{sink[stdoutSink]("acme")}, Sources: []sdk.SourceSpec{source[rssSource]("rss")},
	}, nil
}

func compare(t *testing.T, path string, a *txtar.Archive, got string) {
	t.Helper()
	want := ""
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
		}
	}
	if got == want {
		return
	}
	if !*update {
		t.Error(cmp.Diff(want, got))
		return
	}
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if f.Name != "want" {
			out.Files = append(out.Files, f)
		}
	}
	out.Files = append(out.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(path, txtar.Format(out), 0o600); err != nil {
		t.Fatal(err)
	}
}

// planText writes a plan as a person compares it: without hashes, and without the folder.
func planText(t *testing.T, p *config.Plan) string {
	var b strings.Builder
	show := func(what string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %s\n", what, data)
	}
	data, err := filepath.Rel(p.Dir, p.Settings.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "data_dir %s, log_level %s\n", data, p.Settings.LogLevel)
	show("broker", p.Settings.Broker)
	show("limits", p.Settings.Limits)
	for _, x := range p.Plugins {
		fmt.Fprintf(&b, "plugin %s (%d variables)\n", x.Name, len(x.Env))
	}
	for _, list := range [][]*config.Block{p.Sources, p.Analyzers, p.Sinks} {
		for _, x := range list {
			fmt.Fprintf(&b, "%s from %s %s\n", x.Address(), x.Program, x.Version)
			show("  config  ", x.Shown)
			for _, a := range x.PerEvent {
				fmt.Fprintf(&b, "  %s = %s  (reads %v)\n", a.Name, a.Expr, a.Expr.Analyzers())
			}
		}
	}
	for _, x := range p.Pipelines {
		fmt.Fprintf(&b, "pipeline %s\n  from %v\n  through %v\n", x.Name, x.From, x.Through)
		for _, r := range x.Routes {
			fmt.Fprintf(&b, "  route %s on %s when %v to %v\n", r.Name, r.On, r.When, r.To)
		}
	}
	return b.String()
}
