package config

import (
	"fmt"
	"maps"
	"slices"
)

// warnUnused names what is declared and never referred to. Where there are errors it says nothing, since a mistake elsewhere
// may be why.
func (l *loader) warnUnused() {
	if l.diags.HasErrors() {
		return
	}
	hint := map[string]string{
		KindSource:   "No pipeline reads it: add it to the list from of one, or write enabled = false.",
		KindAnalyzer: "No pipeline runs it: add it to the list through of one, or write enabled = false.",
		KindSink:     "No route writes to it: add it to the list to of one, or write enabled = false.",
	}
	for _, d := range l.blocks {
		if d.enabled && !l.uses[d.address()] {
			l.warn(d.syntax.DefRange(), "Unused "+d.kind, "%s is never used. %s", d.address(), hint[d.kind])
		}
	}
	for _, p := range l.plugins {
		if p.described && !l.uses["plugin."+p.Name] {
			l.warn(p.at, "Unused plugin", "No block uses what plugin %q offers.", p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.vars)) {
		if !l.uses["var."+name] {
			l.warn(l.vars[name].block.DefRange(), "Unused variable", "The variable %q is never used. %s", name,
				fmt.Sprintf("Use var.%s, or take the block out.", name))
		}
	}
}
