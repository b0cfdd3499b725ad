package main

import (
	"fmt"
	"strings"

	"github.com/pintle-hub/pintle/config"
)

// mermaid writes a flowchart. A dashed arrow carries insights.
func mermaid(d drawing) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, n := range d.shared {
		b.WriteString("  " + mermaidNode(n))
	}
	for _, c := range d.pipelines {
		fmt.Fprintf(&b, "  subgraph \"%s\"\n", entities("pipeline "+c.name))
		for _, n := range c.nodes {
			b.WriteString("    " + mermaidNode(n))
		}
		b.WriteString("  end\n")
	}
	for _, e := range d.edges {
		arrow := "-->"
		if e.On == config.OnInsight {
			arrow = "-.->"
		}
		if e.Label != "" {
			arrow += "|\"" + entities(e.Label) + "\"|"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", d.ids[e.From], arrow, d.ids[e.To])
	}
	return b.String()
}

func mermaidNode(n drawn) string {
	shape := "[\"%s\"]"
	switch n.Kind {
	case config.KindSource:
		shape = "([\"%s\"])"
	case config.KindSink:
		shape = "[(\"%s\")]"
	case config.KindAnalyzer:
		shape = "[[\"%s\"]]"
	}
	return n.id + fmt.Sprintf(shape, entities(n.Label)) + "\n"
}

// entities writes what means something to mermaid as character codes.
func entities(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		if strings.ContainsRune("\"<>&#;|`{}[]()", r) {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// dot writes a graph for Graphviz. A dashed arrow carries insights.
func dot(d drawing) string {
	var b strings.Builder
	b.WriteString("digraph pintle {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n")
	for _, n := range d.shared {
		b.WriteString("  " + dotNode(n))
	}
	for i, c := range d.pipelines {
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", i, quoted("pipeline "+c.name))
		for _, n := range c.nodes {
			b.WriteString("    " + dotNode(n))
		}
		b.WriteString("  }\n")
	}
	for _, e := range d.edges {
		var more []string
		if e.Label != "" {
			more = append(more, "label="+quoted(e.Label))
		}
		if e.On == config.OnInsight {
			more = append(more, "style=dashed")
		}
		attributes := ""
		if len(more) > 0 {
			attributes = " [" + strings.Join(more, ", ") + "]"
		}
		fmt.Fprintf(&b, "  %s -> %s%s;\n", d.ids[e.From], d.ids[e.To], attributes)
	}
	b.WriteString("}\n")
	return b.String()
}

func dotNode(n drawn) string {
	shape := "box"
	switch n.Kind {
	case config.KindSource:
		shape = "oval"
	case config.KindSink:
		shape = "cylinder"
	case config.KindAnalyzer:
		shape = "component"
	}
	return fmt.Sprintf("%s [label=%s, shape=%s];\n", n.id, quoted(n.Label), shape)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(clean(s)) + `"`
}
