package config

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// paint are the terminal codes of one style.
type paint struct{ red, yellow, bold, dim, off string }

// WriteText writes the diagnostics for a person: what is wrong, the line it stands in, and the mend. Width is where to break
// lines, 0 for nowhere. What a file or a plugin brought in cannot act on the terminal.
func (d Diagnostics) WriteText(w io.Writer, color bool, width int) error {
	p := paint{}
	if color {
		p = paint{red: "\x1b[31m", yellow: "\x1b[33m", bold: "\x1b[1m", dim: "\x1b[2m", off: "\x1b[0m"}
	}
	var buf bytes.Buffer
	for i, x := range d {
		if i > 0 {
			buf.WriteByte('\n')
		}
		x.write(&buf, p, width)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (x Diagnostic) write(buf *bytes.Buffer, p paint, width int) {
	tint := p.red
	if x.Severity == Warning {
		tint = p.yellow
	}
	fmt.Fprintf(buf, "%s%s%s:%s %s%s%s\n", p.bold, tint, x.Severity, p.off, p.bold, harmless(x.Summary), p.off)
	if x.File != "" {
		place := strings.TrimSuffix(x.place(), ": ")
		if x.Address != "" {
			place += ", in " + x.Address
		}
		fmt.Fprintf(buf, "  %s%s%s\n", p.dim, harmless(place), p.off)
	}
	if x.Code != "" {
		x.writeCode(buf, p, tint)
	}
	for text := range strings.Lines(x.Detail) {
		writeParagraph(buf, strings.TrimRight(text, " \t\r\n"), width-2)
	}
}

// writeParagraph writes one line of a detail, broken where the terminal ends. Its own indentation stays: what a plugin said
// last, in lines of its own, is read as it was written.
func writeParagraph(buf *bytes.Buffer, text string, width int) {
	words := strings.TrimLeft(text, " \t")
	indent := harmless(text[:len(text)-len(words)])
	for _, line := range wrap(harmless(words), width-len(indent)) {
		fmt.Fprintf(buf, "  %s%s\n", indent, line)
	}
}

// writeCode writes the line and marks below it what is meant. Tabs become blanks, so that the mark stands right.
func (x Diagnostic) writeCode(buf *bytes.Buffer, p paint, tint string) {
	number := fmt.Sprint(x.Line)
	gutter := strings.Repeat(" ", len(number))
	before, marked := harmless(x.Code[:x.Mark]), harmless(x.Code[x.Mark:x.EndMark])
	fmt.Fprintf(buf, "  %s%s |%s %s%s\n", p.dim, number, p.off, before+marked, harmless(x.Code[x.EndMark:]))
	fmt.Fprintf(buf, "  %s%s |%s %s%s%s%s\n", p.dim, gutter, p.off, strings.Repeat(" ", columns(before)), tint,
		strings.Repeat("^", max(1, columns(marked))), p.off)
}

// columns counts the places a text takes in a terminal, roughly.
func columns(s string) int {
	n := 0
	for it := graphemes.FromString(s); it.Next(); {
		n++
	}
	return n
}

// harmless takes out control characters and what is not UTF-8.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r == utf8.RuneError, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '?'
		}
		return r
	}, s)
}

// wrap breaks a text at blanks.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case width > 20 && columns(line)+1+columns(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
