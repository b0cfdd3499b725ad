// Package token turns a text into the words that the text analyzers learn from and look up: lower case, accounts, addresses and
// numbers folded to one word each, drawn-out letters shortened, emoji and marks by themselves, invisible characters gone. It makes one pass,
// keeps its memory, and reads no more than MaxBytes of a text.
package token

import (
	"unicode"
	"unicode/utf8"
)

// MaxBytes is how much of a text is read: what a person wants is said by then.
const MaxBytes = 16 << 10

// Words for what differs from text to text but means the same.
const (
	Account = "@"
	Address = "://"
)

// Kind is what a token is made of.
type Kind uint8

// The kinds.
const (
	Word   Kind = iota
	Number      // its digits are 0
	Sign        // punctuation
	Emoji
	Folded // Account or Address
)

// Token is one word of a text. Text is valid until the next call of Split.
type Token struct {
	Text []byte
	Kind Kind
	// Upper: it had two capitals or more and no small letter. Drawn: a letter was written three times or more. Tag: after a #.
	Upper, Drawn, Tag bool
}

// Splitter splits texts. It keeps its memory between texts: one goroutine uses it.
type Splitter struct {
	buf    []byte
	tokens []Token
	spans  [][2]int
}

// Split returns the tokens of text. They are valid until the next call.
func (s *Splitter) Split(text string) []Token {
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
	}
	s.buf, s.tokens, s.spans = s.buf[:0], s.tokens[:0], s.spans[:0]
	tag := false
	for at := 0; at < len(text); {
		r, size := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[at:])
		}
		switch {
		case isSpace(r):
			at, tag = at+size, false
		case r == '@' && at+1 < len(text) && isNamePart(text[at+1]):
			at = s.fold(Account, name(text, at+1))
		case r == '#' && at+size < len(text):
			at, tag = at+size, true
		case isLetter(r):
			if end := address(text, at); end > at {
				at = s.fold(Address, end)
				continue
			}
			at, tag = s.word(text, at, tag), false
		case r >= '0' && r <= '9':
			at = s.number(text, at)
		case invisible(r):
			at += size
		case isEmoji(r):
			at = s.emoji(text, at)
		default:
			at = s.sign(text, at, r)
		}
	}
	for i, span := range s.spans { // only now does the buffer stand still
		s.tokens[i].Text = s.buf[span[0]:span[1]:span[1]]
	}
	return s.tokens
}

func (s *Splitter) add(from int, t Token) {
	if len(s.buf) > from {
		s.spans = append(s.spans, [2]int{from, len(s.buf)})
		s.tokens = append(s.tokens, t)
	}
}

func (s *Splitter) fold(word string, end int) int {
	from := len(s.buf)
	s.buf = append(s.buf, word...)
	s.add(from, Token{Kind: Folded})
	return end
}

// word takes letters, combining marks, and apostrophes and digits between them.
func (s *Splitter) word(text string, at int, tag bool) int {
	from, upper, lower := len(s.buf), 0, 0
	t := Token{Tag: tag}
	var last rune
	same := 0
	for at < len(text) {
		r, size := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[at:])
		}
		switch {
		case r == '\'' || r == '’':
			if next, _ := utf8.DecodeRuneInString(text[at+size:]); !isLetter(next) {
				s.add(from, t.capitals(upper, lower))
				return at
			}
			r = '\''
		case invisible(r):
			at += size
			continue
		case !isLetter(r) && !isDigit(r) && r != '_' && !unicode.Is(unicode.M, r):
			s.add(from, t.capitals(upper, lower))
			return at
		}
		small := toLower(r)
		if small != r {
			upper++
		} else if isLetter(r) {
			lower++
		}
		if small == last {
			same++
		} else {
			last, same = small, 1
		}
		if same < 3 {
			s.buf = utf8.AppendRune(s.buf, small)
		} else {
			t.Drawn = true
		}
		at += size
	}
	s.add(from, t.capitals(upper, lower))
	return at
}

func (t Token) capitals(upper, lower int) Token {
	t.Upper = upper > 1 && lower == 0
	return t
}

// number takes digits, and signs between digits; each run of digits becomes as many zeros, four at most.
func (s *Splitter) number(text string, at int) int {
	from, run := len(s.buf), 0
	for at < len(text) {
		c := text[at]
		switch {
		case c >= '0' && c <= '9':
			if run++; run <= 4 {
				s.buf = append(s.buf, '0')
			}
		case (c == '.' || c == ',' || c == ':' || c == '/') && at+1 < len(text) && text[at+1] >= '0' && text[at+1] <= '9':
			s.buf, run = append(s.buf, c), 0
		default:
			s.add(from, Token{Kind: Number})
			return at
		}
		at++
	}
	s.add(from, Token{Kind: Number})
	return at
}

// emoji takes one emoji; skin tones, joiners and selectors that follow are dropped.
func (s *Splitter) emoji(text string, at int) int {
	from := len(s.buf)
	r, size := utf8.DecodeRuneInString(text[at:])
	if !modifier(r) {
		s.buf = utf8.AppendRune(s.buf, r)
	}
	s.add(from, Token{Kind: Emoji})
	return at + size
}

// sign takes a run of one and the same sign, or a smiley such as :-).
func (s *Splitter) sign(text string, at int, r rune) int {
	from := len(s.buf)
	if end := smiley(text, at); end > at {
		s.buf = append(s.buf, text[at:end]...)
		s.add(from, Token{Kind: Emoji})
		return end
	}
	size, n := utf8.RuneLen(r), 0
	if r == utf8.RuneError { // a byte that is no text
		return at + 1
	}
	for at+size <= len(text) && text[at:at+size] == string(r) {
		if n++; n <= 3 {
			s.buf = utf8.AppendRune(s.buf, r)
		}
		at += size
	}
	s.add(from, Token{Kind: Sign, Drawn: n > 2})
	return at
}
