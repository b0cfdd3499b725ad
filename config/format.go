package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/pintle-hub/pintle/config/static"
)

// Format returns src in the one style that Pintle's HCL has. Text that does not parse is returned as it is, with the errors.
func Format(src []byte, filename string) ([]byte, Diagnostics) {
	l := &loader{files: map[string]*file{filename: {src: src, broken: true}}}
	if len(src) > maxFile {
		l.fail(hcl.Range{}, "File is too large", "%s has more than %d MiB.", filename, maxFile>>20)
		return src, l.diagnostics()
	}
	l.add(static.Guard(src, filename))
	if l.diags.HasErrors() {
		return src, l.diagnostics()
	}
	_, diags := hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
	l.add(diags)
	if l.diags.HasErrors() {
		return src, l.diagnostics()
	}
	return hclwrite.Format(src), nil
}
