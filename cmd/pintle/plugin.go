package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
)

func newPlugin(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "See which sources, analyzers and sinks there are",
		Long: `Pintle comes with programs that offer sources, analyzers and sinks. Programs of your
own are named in the configuration and run as processes of the hub:

  plugin "acme" {
    path = "./acme-plugin"
  }`,
	}
	return family(cmd, newPluginList(std), newPluginSchema(std), newPluginDocs(std))
}

// component is one type of block, of whatever kind.
type component struct {
	Kind        string          `json:"kind"`
	Type        string          `json:"type"`
	Doc         string          `json:"doc"`
	Program     string          `json:"program"`
	Version     string          `json:"version"`
	Plugin      string          `json:"plugin,omitempty"` // name of the plugin block, "" when bundled
	Idempotency sdk.Idempotency `json:"idempotency,omitempty"`
	Finite      bool            `json:"finite,omitempty"`
	Push        bool            `json:"push,omitempty"`
	Emits       bool            `json:"emits,omitempty"`
	Stateful    bool            `json:"stateful,omitempty"`
	Adds        []field         `json:"adds,omitempty"`
	Schema      schema          `json:"schema"`
}

// field is one field that an analyzer adds.
type field struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Doc    string   `json:"doc"`
	Values []string `json:"values,omitempty"`
}

// componentsOf lists what a program offers; plugin names its block.
func componentsOf(p sdk.Program, plugin string) []component {
	var list []component
	for _, s := range p.Sources {
		list = append(list, component{Kind: config.KindSource, Type: s.Type, Doc: s.Doc, Finite: s.Finite, Push: s.Push, Schema: schemaOf(s.Schema)})
	}
	for _, a := range p.Analyzers {
		c := component{Kind: config.KindAnalyzer, Type: a.Type, Doc: a.Doc, Emits: a.Emits, Stateful: a.Stateful, Schema: schemaOf(a.Schema)}
		for _, f := range a.Adds {
			c.Adds = append(c.Adds, field{f.Name, f.Kind.String(), f.Doc, f.Values})
		}
		list = append(list, c)
	}
	for _, s := range p.Sinks {
		list = append(list, component{Kind: config.KindSink, Type: s.Type, Doc: s.Doc, Idempotency: s.Idempotency, Schema: schemaOf(s.Schema)})
	}
	for i := range list {
		list[i].Program, list[i].Version, list[i].Plugin = p.Name, p.Version, plugin
	}
	return list
}

func bundledComponents() []component {
	var list []component
	for _, p := range bundled() {
		list = append(list, componentsOf(p, "")...)
	}
	return list
}

// sortComponents puts sources first and sinks last, as events pass them.
func sortComponents(list []component) {
	rank := map[string]int{config.KindSource: 0, config.KindAnalyzer: 1, config.KindSink: 2}
	slices.SortStableFunc(list, func(a, b component) int {
		if a.Kind != b.Kind {
			return rank[a.Kind] - rank[b.Kind]
		}
		return strings.Compare(a.Type, b.Type)
	})
}

// components lists the bundled components and those of the plugin blocks of a configuration. Without paths the folder one is
// in counts, if it holds a configuration.
func (f *configFlags) components(ctx context.Context, std *streams, paths []string) ([]component, error) {
	list := bundledComponents()
	if len(paths) == 0 {
		if here, err := filepath.Glob("*.hcl"); err != nil || len(here) == 0 {
			sortComponents(list)
			return list, nil
		}
	}
	o, err := f.options(ctx, paths, func(p config.Plugin, program sdk.Program) {
		list = append(list, componentsOf(program, p.Name)...)
	})
	if err != nil {
		return nil, err
	}
	_, d := config.Load(o)
	sortComponents(list)
	if len(paths) > 0 {
		return list, diagnosed(std, d)
	}
	return list, nil // mistakes in the folder one happens to be in do not matter here
}

func newPluginList(std *streams) *cobra.Command {
	var f configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List the types of sources, analyzers and sinks",
		Long: `Lists what may stand behind source, analyzer and sink: what comes with Pintle, and
what the programs of a configuration's plugin blocks offer.

IDEMPOTENCY says what a sink does with an event that comes again after a crash:
native (the target takes our key, a repeat changes nothing), header (the target
remembers the key for a while), lookup (the sink looks before it writes), none (a
repeat is seen twice).`,
		Example: `  pintle plugin list
  pintle plugin list --json config/ | jq -r '.[].type'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.components(cmd.Context(), std, args)
			if err != nil {
				return err
			}
			if asJSON {
				return std.json(list)
			}
			writeComponents(std, list)
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the list with schemas as JSON")
	return cmd
}

func writeComponents(std *streams, list []component) {
	i := std.ink(std.out)
	t := newTable("KIND", "TYPE", "FROM", "IDEMPOTENCY", "ADDS", "DOC")
	for _, c := range list {
		var adds []string
		for _, f := range c.Adds {
			adds = append(adds, f.Name)
		}
		if c.Emits {
			adds = append(adds, "insights")
		}
		from := c.Program
		if c.Plugin != "" {
			from = "plugin " + c.Plugin
		}
		t.add(c.Kind, cell{c.Type, i.bold}, from, string(c.Idempotency), strings.Join(adds, " "), cut(c.Doc, 90))
	}
	t.write(std.out, i, "")
}

func newPluginSchema(std *streams) *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "schema TYPE [PATH...]",
		Short: "Write what a block may hold, as JSON",
		Long: `Writes what a block of a type may hold: attributes with type, default and
documentation, and nested blocks. Where a source and a sink share a name, write
source.file or sink.file.`,
		Example: `  pintle plugin schema sentiment
  pintle plugin schema sink.file | jq '.schema.attributes[].name'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.components(cmd.Context(), std, args[1:])
			if err != nil {
				return err
			}
			c, err := findComponent(list, args[0])
			if err != nil {
				return err
			}
			return std.json(c)
		},
	}
	f.register(cmd)
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, c := range bundledComponents() {
			names = append(names, c.Kind+"."+c.Type)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// findComponent finds a component by type, or by kind and type.
func findComponent(list []component, name string) (component, error) {
	var found []component
	var near, all []string
	for _, c := range list {
		full := c.Kind + "." + c.Type
		all = append(all, full)
		if c.Type == name || full == name {
			found = append(found, c)
			near = append(near, full)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return component{}, failf(exitConfig, "there is no component %q; there are %s", name, strings.Join(all, ", "))
	}
	return component{}, failf(exitConfig, "%q is more than one: write %s", name, strings.Join(near, " or "))
}

func newPluginDocs(std *streams) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write the reference of the bundled components as Markdown",
		Long: `Writes a page for each bundled source, analyzer and sink, and a list of them, made from
the same schemas that configurations are checked against.`,
		Example: `  pintle plugin docs --out docs/plugins/reference`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := os.MkdirAll(out, 0o755); err != nil {
				return fail(exitEnvironment, err)
			}
			for _, page := range referencePages(bundledComponents()) {
				path := filepath.Join(out, page.name)
				if err := os.WriteFile(path, []byte(page.text), 0o644); err != nil {
					return fail(exitEnvironment, err)
				}
				fmt.Fprintln(std.out, path)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", ".", "the `folder` to write to")
	_ = cmd.MarkFlagDirname("out")
	return cmd
}
