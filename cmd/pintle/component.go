package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
)

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
