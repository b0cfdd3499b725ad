package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/sdk"
)

// checkBlocks checks the blocks inside a body.
func (l *loader) checkBlocks(body *hclsyntax.Body, s sdk.Schema, b block, out *checked) {
	found := map[string][]*hclsyntax.Block{}
	meant := map[string]bool{}
	for _, inner := range body.Blocks {
		if !slices.Contains(blockNames(s), inner.Type) {
			meant[expr.Nearest(inner.Type, append(blockNames(s), attributeNames(s)...))] = true
			l.unknownBlock(inner, s, b)
			continue
		}
		found[inner.Type] = append(found[inner.Type], inner)
	}
	for i := range s.Blocks {
		spec := &s.Blocks[i]
		blocks := found[spec.Name]
		switch {
		case len(blocks) < spec.Min && !meant[spec.Name]: // a typing mistake is one mistake
			l.fail(b.at, "Block is missing", "%s needs at least %s. Write %s.", sentenceStart(b.what),
				count(spec.Min, spec.Name+" block"), blockUsage(spec))
		case spec.Max > 0 && len(blocks) > spec.Max:
			l.fail(blocks[spec.Max].DefRange(), "Too many blocks", "%s may have at most %s.", sentenceStart(b.what), count(spec.Max, spec.Name+" block"))
		}
		l.checkNested(blocks, spec, out)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func blockUsage(spec *sdk.NestedBlock) string {
	if spec.Label == "" {
		return spec.Name + " { ... }"
	}
	return fmt.Sprintf("%s %q { ... }", spec.Name, spec.Label)
}

func (l *loader) unknownBlock(inner *hclsyntax.Block, s sdk.Schema, b block) {
	l.hideAll(inner.Body)
	if slices.Contains(attributeNames(s), inner.Type) {
		l.fail(inner.TypeRange, "Not a block", "%s is an attribute: write %s = ...", inner.Type, inner.Type)
		return
	}
	l.fail(inner.TypeRange, "Unknown block", "%s has no block %q.%s %s", sentenceStart(b.what), inner.Type,
		didYouMean("", inner.Type, append(blockNames(s), attributeNames(s)...)), has(blockNames(s), "block"))
}

// checkNested checks all blocks of one name; labels must differ.
func (l *loader) checkNested(blocks []*hclsyntax.Block, spec *sdk.NestedBlock, out *checked) {
	var values, shown []any
	seen := map[string]bool{}
	for _, b := range blocks {
		want := 0
		if spec.Label != "" {
			want = 1
		}
		if len(b.Labels) != want {
			l.hideAll(b.Body)
			l.fail(b.DefRange(), "Wrong labels", "A %s block has %s here. Write %s.", b.Type, labelCount(want), blockUsage(spec))
			continue
		}
		x := l.checkBody(b.Body, spec.Schema, block{what: "a " + spec.Name + " block", at: b.DefRange()})
		if want == 1 {
			label := b.Labels[0]
			if seen[label] {
				l.fail(b.DefRange(), "Declared twice", "There are two %s blocks with the label %q; rename one.", b.Type, label)
			}
			seen[label] = true
			x.values[spec.Label], x.shown[spec.Label] = label, label
		}
		values, shown = append(values, x.values), append(shown, x.shown)
		out.perEvent = append(out.perEvent, x.perEvent...)
	}
	if len(values) > 0 {
		out.values[spec.Name], out.shown[spec.Name] = values, shown
	}
}
