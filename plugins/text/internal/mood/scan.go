package mood

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a sign or a border in a text.
type token struct {
	start, end int32 // its bytes in scanner.buf; a border has none
	kind       kind
	caps, long bool   // written in CAPITALS, drawn ouuuut
	node       uint32 // where the trie stands at its end, Root when no entry goes on from here
	marks      [languages]mark
}

type kind uint8

const (
	word      kind = iota
	sign           // an emoji or emoticon
	soft           // a comma and the like: negation ends here
	hard           // the end of a sentence
	exclaimed      // the same with an exclamation mark
	asked          // or a question mark
)

// scanner cuts a text into tokens and writes its words down in lower case, each followed by a blank. It reuses its memory.
type scanner struct {
	lex    *lexicon // nil while the lexicon itself is being read
	buf    []byte
	tokens []token
}

// maxTokens bounds the work on one text.
const maxTokens = 1000

func (s *scanner) scan(text string) {
	s.buf, s.tokens = s.buf[:0], s.tokens[:0]
	for i := 0; i < len(text) && len(s.tokens) < maxTokens; {
		c := text[i]
		switch {
		case isLetterOrDigit(c):
			if isAddress(text[i:]) {
				i += spaceAfter(text[i:])
				continue
			}
			i += s.word(text[i:])
		case c == '@':
			i += spaceAfter(text[i:])
		case c == '#':
			i += 1 + s.tag(text[i+1:])
		case c == ' ':
			i++
		default:
			i += s.other(text[i:])
		}
	}
}

func isLetterOrDigit(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http") || strings.HasPrefix(s, "www.")
}

// spaceAfter returns where the first blank or line break stands.
func spaceAfter(s string) int {
	if i := strings.IndexAny(s, " \t\n\r"); i >= 0 {
		return i
	}
	return len(s)
}

// word reads one word and returns how many bytes it took.
func (s *scanner) word(text string) int {
	t := token{start: int32(len(s.buf))}
	upper, letters, run := 0, 0, 0
	last := rune(0)
	i := 0
	for i < len(text) {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if r == '’' {
			r = '\''
		}
		if !inWord(r) && (r != '\'' || !s.apostrophe(text[i+n:], letters)) {
			break
		}
		i += n
		low := lower(r)
		letters++
		if low != r {
			upper++
		}
		if run++; low != last {
			run = 1
		}
		last = low
		if t.long = t.long || run > 2; run > 2 {
			continue
		}
		s.buf = utf8.AppendRune(s.buf, low)
	}
	t.caps = upper > 1 && upper == letters
	s.end(t)
	return i
}

func inWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isLetterOrDigit(byte(r))
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.M, r) && r != '\ufe0f'
}

func lower(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r |= 0x20
		}
		return r
	}
	return unicode.ToLower(r)
}

// apostrophe reports whether one after so many letters goes on with the word: it does in don't, and not in l'amour.
func (s *scanner) apostrophe(rest string, letters int) bool {
	n := 0
	for _, r := range rest {
		if !inWord(r) {
			break
		}
		n++
	}
	return n > 0 && (letters > 2 || n < 3)
}

// tag reads the words of a #HashTag and returns how many bytes it took.
func (s *scanner) tag(text string) int {
	start, end, before := 0, 0, rune(0)
	for i, r := range text {
		if !inWord(r) {
			break
		}
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			s.word(text[start:i])
			start = i
		}
		end, before = i+utf8.RuneLen(r), r
	}
	if end > start {
		s.word(text[start:end])
	}
	return end
}

// end closes a word and looks it up.
func (s *scanner) end(t token) {
	t.end = int32(len(s.buf))
	if t.end == t.start {
		return
	}
	s.buf = append(s.buf, ' ')
	if s.lex != nil {
		s.lex.lookup(s.buf[t.start:t.end], &t)
		if t.long && t.marks == [languages]mark{} {
			s.lex.lookup(squeeze(s.buf[t.start:t.end]), &t)
			t.node = 0
		}
	}
	s.tokens = append(s.tokens, t)
}

// squeeze returns a word with every doubled letter single: "soo" is "so".
func squeeze(w []byte) []byte {
	out := make([]byte, 0, len(w))
	for i, c := range w {
		if i == 0 || c != w[i-1] {
			out = append(out, c)
		}
	}
	return out
}

// other reads what is no word: borders, emoji, emoticons, letters beyond ASCII.
func (s *scanner) other(text string) int {
	if n := s.sign(text); n > 0 {
		return n
	}
	switch c := text[0]; {
	case c == '!':
		return s.border(exclaimed, 1)
	case c == '?':
		return s.border(asked, 1)
	case c == '.' || c == '\n':
		return s.border(hard, 1)
	case c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || c == '"':
		return s.border(soft, 1)
	case c < utf8.RuneSelf:
		return 1
	}
	r, n := utf8.DecodeRuneInString(text)
	switch {
	case inWord(r):
		return s.word(text)
	case r == '…' || r == '。':
		return s.border(hard, n)
	case r == '！':
		return s.border(exclaimed, n)
	case r == '？':
		return s.border(asked, n)
	}
	return n
}

func (s *scanner) border(k kind, n int) int {
	s.tokens = append(s.tokens, token{kind: k})
	return n
}
