package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// offer is one type of block that a program offers.
type offer struct {
	kind, typ string
	doc       string
	schema    sdk.Schema
	program   *sdk.Program
	plugin    string // name of the plugin block, "" for a built-in program
	source    *sdk.SourceSpec
	analyzer  *sdk.AnalyzerSpec
	sink      *sdk.SinkSpec
}

// from says who makes the offer.
func (o offer) from() string {
	if o.plugin == "" {
		return "the built-in program " + o.program.Name
	}
	return "plugin " + o.plugin
}

func offersOf(p sdk.Program, plugin string) []offer {
	var list []offer
	for i := range p.Sources {
		s := &p.Sources[i]
		list = append(list, offer{KindSource, s.Type, s.Doc, s.Schema, &p, plugin, s, nil, nil})
	}
	for i := range p.Analyzers {
		s := &p.Analyzers[i]
		list = append(list, offer{KindAnalyzer, s.Type, s.Doc, s.Schema, &p, plugin, nil, s, nil})
	}
	for i := range p.Sinks {
		s := &p.Sinks[i]
		list = append(list, offer{KindSink, s.Type, s.Doc, s.Schema, &p, plugin, nil, nil, s})
	}
	return list
}

// pluginBlock is a plugin block with what its program offers.
type pluginBlock struct {
	Plugin
	described bool
	at        hcl.Range
}

// pluginConfig is what a plugin block holds.
type pluginConfig struct {
	Path   string            `pintle:"path,required" doc:"The program, relative to the folder of the configuration."`
	Args   []string          `pintle:"args" doc:"Arguments of the program."`
	Env    map[string]string `pintle:"env,sensitive" doc:"Environment of the program, beyond PATH, HOME, TMPDIR, TZ and LANG."`
	Memory sdk.Size          `pintle:"memory" min:"16MiB" doc:"Most memory that the program and its children may hold, 2GiB when nothing is said: above, it is killed."`
}

// loadPlugins collects what built-in programs and those of plugin blocks offer.
func (l *loader) loadPlugins(blocks []*hclsyntax.Block) {
	for _, p := range l.options.Programs {
		l.offers = append(l.offers, offersOf(p, "")...)
	}
	for _, b := range blocks {
		if i := slices.IndexFunc(l.plugins, func(p *pluginBlock) bool { return p.Name == b.Labels[0] }); i >= 0 {
			l.fail(b.DefRange(), "Declared twice", "The plugin %q is declared at %s:%d already.", b.Labels[0], l.plugins[i].File, l.plugins[i].Line)
			continue
		}
		l.loadPlugin(b)
	}
}

func (l *loader) loadPlugin(b *hclsyntax.Block) {
	p := &pluginBlock{Plugin: Plugin{Name: b.Labels[0], File: b.DefRange().Filename, Line: b.DefRange().Start.Line}, at: b.DefRange()}
	l.plugins = append(l.plugins, p)
	var c pluginConfig
	shown, ok := l.decode(b.Body, block{what: "a plugin block", at: b.DefRange()}, &c)
	if !ok {
		return
	}
	p.shownArgs = shown["args"]
	p.Path, p.Args, p.Env, p.Memory = c.Path, c.Args, c.Env, c.Memory
	if !filepath.IsAbs(p.Path) {
		p.Path = filepath.Join(l.dir, p.Path)
	}
	if l.options.Describe == nil {
		return
	}
	p.Digest, _ = digest(p.Path) // a file that cannot be read cannot be asked either, which says why
	program, err := l.options.Describe(p.Plugin)
	if err != nil {
		l.fail(b.DefRange(), "Plugin cannot be asked", "The program of plugin %q does not say what it offers: %v.", p.Name, err)
		return
	}
	p.described = true
	l.offers = append(l.offers, offersOf(program, p.Name)...)
}

// digest returns the SHA-256 of a file.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hash adds to the hash of a block what its program is and how it is started.
func (p *pluginBlock) hash(block string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %q %d %s\n", block, p.Path, p.Args, p.Memory, p.Digest)
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		fmt.Fprintf(h, "%q %q\n", name, p.Env[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// find returns the offer for a block's type, or says what there is.
func (l *loader) find(kind, typ string, r hcl.Range) *offer {
	var found []offer
	var types []string
	for _, o := range l.offers {
		if o.kind != kind {
			continue
		}
		types = append(types, o.typ)
		if o.typ == typ {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 1:
		return &found[0]
	case 0:
		l.unknownType(kind, typ, types, r)
		return nil
	}
	l.fail(r, "Offered twice", "Both %s and %s offer %s %q. Leave one plugin block out.", found[0].from(), found[1].from(), kind, typ)
	return nil
}

func (l *loader) unknownType(kind, typ string, types []string, r hcl.Range) {
	if slices.ContainsFunc(l.plugins, func(p *pluginBlock) bool { return !p.described }) {
		if l.options.Describe == nil {
			l.fail(r, "Unknown "+kind, "No built-in program offers %s %q, and plugins are not asked here.", kind, typ)
		}
		return // it may be the plugin that could not be asked
	}
	slices.Sort(types)
	detail := fmt.Sprintf("No program offers %s %q.%s", kind, typ, didYouMean("", typ, types))
	if len(types) > 0 {
		detail += fmt.Sprintf(" There are %s.", strings.Join(slices.Compact(types), ", "))
	}
	for _, o := range l.offers {
		if o.typ == typ && o.kind != kind {
			detail += fmt.Sprintf(" %q is %s: write %s %q.", typ, article(o.kind), o.kind, typ)
			break
		}
	}
	l.fail(r, "Unknown "+kind, "%s A program of your own is named by plugin \"name\" { path = \"./program\" }.", detail)
}

func article(kind string) string {
	if kind == KindAnalyzer {
		return "an " + kind
	}
	return "a " + kind
}
