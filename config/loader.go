package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/pintle-hub/pintle/sdk"
)

// Options say what to load.
type Options struct {
	// Paths are files, or folders whose *.hcl files are read in the order of their names, not those in folders below.
	Paths []string
	// Vars are values of variables by name, VarFiles files of name = value. Vars win over files, files over PINTLE_VAR_name in
	// the environment, and that over the variable's default.
	Vars     map[string]string
	VarFiles []string
	// Environ looks up an environment variable; nil means os.LookupEnv.
	Environ func(string) (string, bool)
	// Programs are the built-in programs.
	Programs []sdk.Program
	// Describe asks a program named in a plugin block what it offers. Nil means that it cannot be asked here.
	Describe func(Plugin) (sdk.Program, error)
}

// Load reads, computes and checks a configuration. All mistakes are in the diagnostics; with errors the plan is nil.
func Load(o Options) (*Plan, Diagnostics) {
	l := newLoader(o)
	plan := l.load()
	diags := l.diagnostics()
	if diags.HasErrors() {
		return nil, diags
	}
	return plan, diags
}

// loader holds one run of Load.
type loader struct {
	options Options
	dir     string
	files   map[string]*file
	eval    *static.Evaluator
	vars    map[string]*variable
	locals  map[string]*local
	offers  []offer
	blocks  []*declared
	byName  map[string]*declared // by address, and analyzers and sources by kind.name
	count   int                  // top-level blocks so far
	plugins []*pluginBlock
	// uses are the addresses of blocks, and var.name, that something refers to.
	uses  map[string]bool
	diags hcl.Diagnostics
}

func newLoader(o Options) *loader {
	return &loader{options: o, files: map[string]*file{}, uses: map[string]bool{}, byName: map[string]*declared{}}
}

func (l *loader) load() *Plan {
	root, ok := l.readAll()
	if !ok {
		return nil
	}
	l.eval = static.New(static.Options{Dir: l.dir, Environ: l.options.Environ})
	l.loadVariables(root.variables)
	l.loadLocals(root.locals)
	plan := &Plan{Dir: l.dir}
	plan.Settings = l.settings(root.settings)
	l.loadPlugins(root.plugins)
	l.declare(root.blocks)
	for _, d := range l.blocks {
		l.configure(d)
	}
	l.pipelines(plan, root.pipelines)
	l.warnUnused()
	for _, p := range l.plugins {
		plan.Plugins = append(plan.Plugins, p.Plugin)
	}
	for _, d := range l.blocks {
		d.addTo(plan)
	}
	return plan
}

// fail reports an error at a place in a file.
func (l *loader) fail(r hcl.Range, summary, format string, args ...any) {
	l.report(hcl.DiagError, r, summary, format, args...)
}

func (l *loader) warn(r hcl.Range, summary, format string, args ...any) {
	l.report(hcl.DiagWarning, r, summary, format, args...)
}

func (l *loader) report(s hcl.DiagnosticSeverity, r hcl.Range, summary, format string, args ...any) {
	d := &hcl.Diagnostic{Severity: s, Summary: summary, Detail: fmt.Sprintf(format, args...)}
	if r != (hcl.Range{}) {
		d.Subject = &r
	}
	l.diags = append(l.diags, d)
}

// add takes diagnostics of hcl, of the evaluator and of the compiler.
func (l *loader) add(diags hcl.Diagnostics) { l.diags = append(l.diags, diags...) }

func didYouMean(prefix, word string, candidates []string) string {
	if near := expr.Nearest(word, candidates); near != "" {
		return fmt.Sprintf(" Did you mean %s%s?", prefix, near)
	}
	return ""
}
