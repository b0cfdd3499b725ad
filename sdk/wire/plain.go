package wire

import (
	"strings"
	"unicode"
)

// plain is what the hub takes over of a text that a plugin wrote: at most n bytes, one line, and nothing that forges a line of
// a log, colours a terminal or turns the direction of writing.
func plain(s string, n int) string {
	s = cut(s, n)
	if strings.IndexFunc(s, disturbs) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(" | ")
		case r == '\t':
			b.WriteByte(' ')
		case !disturbs(r):
			b.WriteRune(r)
		}
	}
	return cut(b.String(), n)
}

// prose is what the hub takes over of a text of several lines.
func prose(s string) string {
	lines := strings.Split(cut(s, maxDescription), "\n")
	for i, line := range lines {
		lines[i] = plain(line, maxDescription)
	}
	return strings.Join(lines, "\n")
}

func disturbs(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}
