package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folding makes texts comparable: letters without case, one blank for any white space, one kind of apostrophe.
type folding struct {
	small [folded]rune // the fold of every rune below folded
}

// folded covers Latin, Greek, Cyrillic and their neighbours, where case matters most.
const folded = 0x590

func newFolding() *folding {
	f := &folding{}
	for r := range rune(folded) {
		f.small[r] = smallest(r)
	}
	return f
}

// smallest returns the one rune that stands for all that differ from r in case only (simple case folding of Unicode).
func smallest(r rune) rune {
	best := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		best = min(best, o)
	}
	if best >= 'A' && best <= 'Z' {
		best |= 0x20
	}
	return best
}

func (f *folding) rune(r rune) rune {
	if r < folded {
		return f.small[r]
	}
	return smallest(r)
}

// hasMarks reports whether s may hold accents as characters of their own, U+0300 to U+036F.
func hasMarks(s string) bool { return strings.Contains(s, "\xcc") || strings.Contains(s, "\xcd") }

// normal is a text made comparable, and where its words have borders.
type normal struct {
	bytes []byte
	// border[i] tells whether a phrase may begin or end before bytes[i]; the last is the end of the text.
	border []bool
	// composed: accents were joined with their letters, so that the text differs in more than case and blanks.
	composed bool
}

// set fills n from s, with or without regard to case.
func (n *normal) set(s string, f *folding, anyCase bool) {
	n.bytes, n.border = n.bytes[:0], n.border[:0]
	n.composed = hasMarks(s)
	if n.composed {
		s = norm.NFC.String(s)
	}
	before := other
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		i += size
		class := classOf(r)
		if class == blank {
			if before == blank {
				continue
			}
			r = ' '
		}
		if r == '’' || r == '\'' {
			r = '\''
			class = apostrophe(before, s[i:])
		}
		if anyCase {
			r = f.rune(r)
		}
		border := before != inside || class != inside
		before = class
		n.add(r, border, anyCase)
	}
	n.border = append(n.border, true)
}

// add appends one rune. The German ß is ss where case does not count, since its capital is.
func (n *normal) add(r rune, border, anyCase bool) {
	if r == 'ß' && anyCase {
		n.bytes = append(n.bytes, "ss"...)
	} else {
		n.bytes = utf8.AppendRune(n.bytes, r)
	}
	n.border = append(n.border, border)
	for len(n.border) < len(n.bytes) {
		n.border = append(n.border, false)
	}
}

// class is what a rune does to the words beside it.
type class uint8

const (
	other  class = iota
	blank        // white space
	inside       // part of a word
	alone        // a word by itself: the letters of scripts that write no blanks
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return classOfASCII(byte(r))
	case unicode.IsSpace(r):
		return blank
	case r >= 0xe00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return alone
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r):
		return inside
	}
	return other
}

func classOfASCII(c byte) class {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_':
		return inside
	case c == ' ' || c >= '\t' && c <= '\r':
		return blank
	}
	return other
}

// apostrophe tells what one is: part of a word in "can't", a border in "l'addition" and "the battery's".
func apostrophe(before class, rest string) class {
	if before != inside || rest == "" || rest[0]|0x20 != 't' {
		return other
	}
	if r, _ := utf8.DecodeRuneInString(rest[1:]); len(rest) > 1 && classOf(r) == inside {
		return other
	}
	return inside
}
