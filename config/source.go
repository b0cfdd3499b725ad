package config

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// file is one source text with what must not be shown of it.
type file struct {
	src     []byte
	body    *hclsyntax.Body
	secrets []hcl.Range
	// broken marks a file that could not be parsed: then nobody knows what is secret in it.
	broken bool
}

// hide masks a place in all snippets.
func (l *loader) hide(r hcl.Range) {
	if f := l.files[r.Filename]; f != nil {
		f.secrets = append(f.secrets, r)
	}
}

// diagnostics converts hcl's, when all that is secret is known.
func (l *loader) diagnostics() Diagnostics {
	const most = 100
	slices.SortStableFunc(l.diags, func(a, b *hcl.Diagnostic) int { return cmp.Compare(a.Severity, b.Severity) })
	var out Diagnostics
	for _, d := range l.diags[:min(most, len(l.diags))] {
		out = append(out, l.diagnostic(d))
	}
	out = out.sorted()
	if more := len(l.diags) - most; more > 0 {
		out = append(out, Diagnostic{Severity: Warning, Summary: "And more", Detail: fmt.Sprintf("%d more are not shown.", more)})
	}
	return out
}

func (l *loader) diagnostic(d *hcl.Diagnostic) Diagnostic {
	out := Diagnostic{Severity: Error, Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = Warning
	}
	if d.Subject == nil {
		return out
	}
	r := *d.Subject
	out.File, out.Line, out.Column = r.Filename, r.Start.Line, r.Start.Column
	out.EndLine, out.EndColumn, out.Byte, out.EndByte = r.End.Line, r.End.Column, r.Start.Byte, r.End.Byte
	f := l.files[r.Filename]
	if f == nil || r.Start.Byte > len(f.src) {
		return out
	}
	out.Address = f.address(r)
	f.snippet(&out)
	return out
}

// address returns the block that a place stands in, as others refer to it.
func (f *file) address(r hcl.Range) string {
	if f.body == nil {
		return ""
	}
	for _, b := range f.body.Blocks {
		if b.Range().Filename != r.Filename || !b.Range().ContainsPos(r.Start) {
			continue
		}
		address := b.Type
		for _, label := range b.Labels {
			address += "." + label
		}
		return address
	}
	return ""
}

// snippet cuts the line in which the diagnostic begins and masks what is secret.
func (f *file) snippet(x *Diagnostic) {
	start := bytes.LastIndexByte(f.src[:x.Byte], '\n') + 1
	end := len(f.src)
	if n := bytes.IndexByte(f.src[start:], '\n'); n >= 0 {
		end = start + n
	}
	end = max(end, x.Byte)
	const most = 400
	if end-start > most {
		start, end = max(start, x.Byte-most/4), min(end, x.Byte+most)
	}
	line, marks := f.mask(start, end, [2]int{x.Byte, max(x.Byte, min(x.EndByte, end))})
	x.Code, x.Mark, x.EndMark = line, marks[0], marks[1]
	if trimmed := bytes.TrimRight([]byte(x.Code), "\r \t"); len(trimmed) >= x.EndMark {
		x.Code = string(trimmed)
	}
}

// mask returns the source between two offsets with secrets replaced, and where the marks are in it.
func (f *file) mask(start, end int, marks [2]int) (string, [2]int) {
	var out []byte
	var moved [2]int
	hidden := f.hidden(start, end)
	for at := start; at <= end; at++ {
		for i, m := range marks {
			if m == at {
				moved[i] = len(out)
			}
		}
		if at == end {
			break
		}
		switch r := find(hidden, at); {
		case r == nil:
			out = append(out, f.src[at])
		case at == max(r[0], start):
			out = append(out, "(hidden)"...)
		}
	}
	moved[1] = max(moved[0], moved[1])
	return string(out), moved
}

func find(hidden [][2]int, at int) *[2]int {
	for i := range hidden {
		if at >= hidden[i][0] && at < hidden[i][1] {
			return &hidden[i]
		}
	}
	return nil
}

// hidden returns the parts that must not be shown, merged, as offsets.
func (f *file) hidden(start, end int) [][2]int {
	var parts [][2]int
	for _, r := range f.secrets {
		if r.Start.Byte < end && r.End.Byte > start {
			parts = append(parts, [2]int{r.Start.Byte, r.End.Byte})
		}
	}
	if f.broken {
		looksSecret := regexp.MustCompile(`(?i)(secret|token|passw|pwd|key|dsn|credential|auth|default|env)[\w-]*"?\s*[=:]`)
		if at := looksSecret.FindIndex(f.src[start:end]); at != nil {
			parts = append(parts, [2]int{start + at[1], end})
		}
	}
	slices.SortFunc(parts, func(a, b [2]int) int { return a[0] - b[0] })
	return merged(parts)
}

func merged(parts [][2]int) [][2]int {
	var out [][2]int
	for _, p := range parts {
		if n := len(out); n > 0 && p[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], p[1])
			continue
		}
		out = append(out, p)
	}
	return out
}
