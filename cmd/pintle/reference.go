package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
)

// page is one Markdown file of the reference.
type page struct{ name, text string }

// referencePages makes a page for each component, and a list of them. The same components give the same pages.
func referencePages(list []component) []page {
	sortComponents(list)
	var index strings.Builder
	index.WriteString("# Reference of the bundled components\n\n")
	index.WriteString("Made by `pintle plugin docs` from the schemas that configurations are checked against.\n")
	kind := ""
	var pages []page
	for _, c := range list {
		if c.Kind != kind {
			kind = c.Kind
			fmt.Fprintf(&index, "\n## %ss\n\n| type | what it does |\n|---|---|\n", strings.ToUpper(kind[:1])+kind[1:])
		}
		name := c.Kind + "-" + c.Type + ".md"
		fmt.Fprintf(&index, "| [%s](%s) | %s |\n", c.Type, name, inCell(c.Doc))
		pages = append(pages, page{name, referencePage(c)})
	}
	return append([]page{{"README.md", index.String()}}, pages...)
}

func referencePage(c component) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %q\n\n%s\n\n", c.Kind, c.Type, c.Doc)
	fmt.Fprintf(&b, "Bundled program `%s`, version %s.\n", c.Program, c.Version)
	if note := notes(c); note != "" {
		fmt.Fprintf(&b, "%s\n", note)
	}
	fmt.Fprintf(&b, "\n```hcl\n%s```\n", skeleton(c))
	writeSchema(&b, c.Schema, "##", "")
	if len(c.Adds) > 0 {
		b.WriteString("\n## Adds\n\nThe name of the block stands in front: `event.<name>.<field>`.\n\n| field | type | what it says |\n|---|---|---|\n")
		for _, f := range c.Adds {
			doc := f.Doc
			if len(f.Values) > 0 {
				doc = sentence(doc) + " One of " + codes(f.Values) + "."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, f.Kind, inCell(doc))
		}
	}
	if c.Emits {
		b.WriteString("\nIt raises insights: see `insight.*` in the conditions of routes with `on = insight`.\n")
	}
	return b.String()
}

// notes says what the kinds of components differ in.
func notes(c component) string {
	var list []string
	if c.Finite {
		list = append(list, "Can end: with `run --until-idle` it reads what there is.")
	}
	if c.Push {
		list = append(list, "Its channel pushes: it answers once the events are on disk.")
	}
	if c.Stateful {
		list = append(list, "Remembers over batches; what it remembers is exact after a crash, and begins anew when its configuration changes.")
	}
	switch c.Idempotency {
	case sdk.NativeKey:
		list = append(list, "An event that comes again after a crash changes nothing: the target takes its id as a key (`native`).")
	case sdk.HeaderKey:
		list = append(list, "An event that comes again after a crash carries the same key, which the target may remember for a while (`header`).")
	case sdk.LookFirst:
		list = append(list, "An event that comes again after a crash is looked for first (`lookup`).")
	case sdk.NoKey:
		list = append(list, "An event that comes again after a crash is seen twice (`none`).")
	}
	return strings.Join(list, " ")
}

// skeleton is the smallest block of the type that passes the check, with dots for values.
func skeleton(c component) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q \"name\" {", c.Kind, c.Type)
	body := required(c.Schema, "  ")
	if body != "" {
		body = "\n" + body
	}
	b.WriteString(body + "}\n")
	formatted, d := config.Format([]byte(b.String()), "skeleton")
	if d.HasErrors() {
		panic("pintle: the skeleton of " + c.Type + " is not HCL: " + d.Error()) // a bug, found by the test of the pages
	}
	return string(formatted)
}

func required(s schema, indent string) string {
	var b strings.Builder
	for _, a := range s.Attributes {
		if a.Required {
			fmt.Fprintf(&b, "%s%s = %s\n", indent, a.Name, placeholder(a))
		}
	}
	for _, x := range s.Blocks {
		if x.Min > 0 {
			label := ""
			if x.Label != "" {
				label = ` "name"`
			}
			fmt.Fprintf(&b, "\n%s%s%s {\n%s%s}\n", indent, x.Name, label, required(x.Schema, indent+"  "), indent)
		}
	}
	return b.String()
}

func placeholder(a attribute) string {
	switch {
	case len(a.Enum) > 0:
		return strconv.Quote(a.Enum[0])
	case a.Default != "":
		return strconv.Quote(a.Default)
	}
	switch a.Type {
	case sdk.TypeNumber:
		return "1"
	case sdk.TypeBool:
		return "true"
	case sdk.TypeDuration:
		return `"1m"`
	case sdk.TypeSize:
		return `"1MiB"`
	case sdk.TypeStringList:
		return `["..."]`
	case sdk.TypeStringMap:
		return `{ "..." = "..." }`
	case sdk.TypeAny:
		return "event.text"
	case sdk.TypeAnyList:
		return "[event.text]"
	case sdk.TypeAnyMap:
		return "{ id = event.id }"
	}
	return `"..."`
}

// writeSchema writes the attributes of a block as a table, and each block in it under a heading of its own.
func writeSchema(b *strings.Builder, s schema, heading, path string) {
	if len(s.Attributes) > 0 {
		title := "Attributes"
		if path != "" {
			title = "Attributes of " + path
		}
		fmt.Fprintf(b, "\n%s %s\n\n| attribute | type | default | what it is |\n|---|---|---|---|\n", heading, title)
		for _, a := range s.Attributes {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", a.Name, inCell(string(a.Type)), defaultOf(a), inCell(docOf(a)))
		}
	}
	for _, x := range s.Blocks {
		name := x.Name
		if x.Label != "" {
			name += " \"" + x.Label + "\""
		}
		fmt.Fprintf(b, "\n%s Block %s\n\n%s%s\n", heading, name, sentence(x.Doc), howOften(x))
		writeSchema(b, x.Schema, heading+"#", strings.TrimPrefix(path+"."+x.Name, "."))
	}
}

func defaultOf(a attribute) string {
	switch {
	case a.Required:
		return "**required**"
	case a.Default == "" && a.Type == sdk.TypeBool:
		return "`false`"
	case a.Default == "":
		return ""
	}
	return "`" + inCell(a.Default) + "`"
}

// docOf is the documentation of an attribute with all that its schema says besides.
func docOf(a attribute) string {
	parts := []string{sentence(a.Doc)}
	if a.PerEvent {
		parts = append(parts, "An expression over `event.*` and `insight.*`, computed for every event.")
	}
	if len(a.Enum) > 0 {
		parts = append(parts, "One of "+codes(a.Enum)+".")
	}
	if a.Min != nil {
		parts = append(parts, "At least "+bound(a.Type, *a.Min)+".")
	}
	if a.Max != nil {
		parts = append(parts, "At most "+bound(a.Type, *a.Max)+".")
	}
	if a.Sensitive {
		parts = append(parts, "Never shown.")
	}
	if a.Deprecated != "" {
		parts = append(parts, "Deprecated: "+sentence(a.Deprecated))
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

func bound(t sdk.AttributeType, n float64) string {
	switch t {
	case sdk.TypeDuration:
		return rounded(time.Duration(n * float64(time.Second)))
	case sdk.TypeSize:
		return size(uint64(n))
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// rounded writes a duration as a person would: 1h and not 1h0m0s.
func rounded(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func howOften(x block) string {
	switch {
	case x.Max == 1 && x.Min == 1:
		return " Exactly one."
	case x.Max == 1:
		return " At most one."
	case x.Max > 1:
		return fmt.Sprintf(" Between %d and %d.", x.Min, x.Max)
	case x.Min > 0:
		return fmt.Sprintf(" At least %d.", x.Min)
	}
	return " Any number."
}

func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

func codes(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = "`" + s + "`"
	}
	return strings.Join(quoted, ", ")
}

// inCell keeps a text from breaking out of a table's cell.
func inCell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
}
