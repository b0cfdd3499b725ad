package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

func isSpace(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r >= utf8.RuneSelf && unicode.IsSpace(r)
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	return r != utf8.RuneError && unicode.IsLetter(r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func toLower(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

func isNamePart(c byte) bool {
	return c == '_' || c < utf8.RuneSelf && (isLetter(rune(c)) || isDigit(rune(c)))
}

// name returns where a name of ASCII letters ends.
func name(text string, at int) int {
	for at < len(text) && isNamePart(text[at]) {
		at++
	}
	return at
}

// address returns where an address that begins at at ends; at itself when there is none.
func address(text string, at int) int {
	rest := text[at:]
	if c := rest[0] | 0x20; c != 'h' && c != 'w' {
		return at
	}
	if !foldPrefix(rest, "http://") && !foldPrefix(rest, "https://") && !foldPrefix(rest, "www.") {
		return at
	}
	if end := strings.IndexAny(rest, " \n\t\r<>\""); end >= 0 {
		return at + end
	}
	return len(text)
}

func foldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// invisible are characters that show nothing: zero-width spaces and joiners, marks of direction, soft hyphens, controls.
func invisible(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7f
	case r == 0xad, r == 0xfeff, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069:
		return true
	}
	return r < 0xa0
}

func isEmoji(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf || r >= 0x2b00 && r <= 0x2bff || r == 0xfe0f || r == 0x20e3
}

func modifier(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff || r == 0xfe0f || r == 0x20e3 }

// smiley returns where one that begins at at ends: eyes, perhaps a nose, a mouth; or a heart.
func smiley(text string, at int) int {
	rest := text[at:]
	if strings.HasPrefix(rest, "<3") {
		return at + 2
	}
	if len(rest) < 2 || strings.IndexByte(":;=", rest[0]) < 0 {
		return at
	}
	n := 1
	if rest[n] == '-' || rest[n] == '\'' {
		n++
	}
	if n < len(rest) && strings.IndexByte(")(DPpO/\\|]*", rest[n]) >= 0 && (n+1 == len(rest) || !isNamePart(rest[n+1]) && rest[n+1] != '/') {
		return at + n + 1
	}
	return at
}
