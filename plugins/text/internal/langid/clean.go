package langid

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxLetters is how much of a text is looked at: more letters change the answer hardly ever, and cost time.
const maxLetters = 240

// Cleaner reduces a text to what tells its language: lower-case words between single blanks, without addresses, names of
// accounts, tags, numbers and signs. The zero Cleaner is ready; its result is valid until the next call.
type Cleaner struct {
	// Runes are the words, with a blank before the first and after each.
	Runes  []rune
	counts [scripts]int
}

// Clean reads text.
func (c *Cleaner) Clean(text string) {
	c.Runes = append(c.Runes[:0], ' ')
	c.counts = [scripts]int{}
	if strings.Contains(text, "\xcc") || strings.Contains(text, "\xcd") { // combining accents
		text = norm.NFC.String(text)
	}
	inWord, skip, letters := false, false, 0
	for i, r := range text {
		switch {
		case r <= ' ':
			skip = false
		case skip:
		case c.letter(r, inWord):
			if !inWord && isAddress(text[i:]) {
				skip = true
				continue
			}
			c.add(r)
			inWord = true
			if letters++; letters >= maxLetters {
				c.endWord()
				return
			}
			continue
		case r == '@' || r == '#':
			skip = true
		case r == '&':
			skip = isEntity(text[i:])
		}
		if inWord {
			c.endWord()
			inWord = false
		}
	}
	c.endWord()
}

// letter reports whether r belongs to a word; an apostrophe does inside one.
func (c *Cleaner) letter(r rune, inWord bool) bool {
	if r < 0x80 {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r == '\'' && inWord
	}
	if r == '’' {
		return inWord
	}
	return unicode.IsLetter(r) || unicode.Is(unicode.M, r)
}

// add appends one letter, at most twice in a row: "sooooo" is "soo".
func (c *Cleaner) add(r rune) {
	if r < 0x80 {
		if r == '\'' {
			c.Runes = append(c.Runes, r)
			return
		}
		r |= 0x20
	} else {
		r = unicode.ToLower(r)
	}
	if r == '’' {
		c.Runes = append(c.Runes, '\'')
		return
	}
	c.counts[scriptOf(r)]++
	if n := len(c.Runes); n > 2 && c.Runes[n-1] == r && c.Runes[n-2] == r {
		return
	}
	c.Runes = append(c.Runes, r)
}

func (c *Cleaner) endWord() {
	if n := len(c.Runes); c.Runes[n-1] != ' ' {
		c.Runes = append(c.Runes, ' ')
	}
}

// isAddress reports whether a word begins a web address; corpora of posts also hold the bare word "http" for one.
func isAddress(s string) bool {
	return strings.HasPrefix(s, "http") || strings.HasPrefix(s, "www.") || strings.HasPrefix(s, "HTTP")
}

// isEntity reports whether s begins with an HTML entity such as &amp; that a channel left in its text.
func isEntity(s string) bool {
	end := strings.IndexByte(s[:min(len(s), 8)], ';')
	return end > 1
}

// script returns the script that most of the letters are in. Han characters beside kana are Japanese.
func (c *Cleaner) script() Script {
	if c.counts[kana] > 0 {
		c.counts[kana] += c.counts[Han]
		c.counts[Han] = 0
	}
	best, most := noScript, 0
	for s := Latin; s < scripts; s++ {
		if n := c.counts[s] * s.weight(); n > most {
			best, most = s, n
		}
	}
	return best
}

// share returns how much of the text is in s. Called after script.
func (c *Cleaner) share(s Script) float64 {
	all := 0
	for i, n := range c.counts {
		all += n * Script(i).weight()
	}
	return float64(c.counts[s]*s.weight()) / float64(max(all, 1))
}

// maxGram is the longest n-gram, in letters or blanks.
const maxGram = 5

// AppendGrams appends a hash of every n-gram of the cleaned text: 1 to 5 letters inside one word, where a blank stands for the
// border of the word.
func (c *Cleaner) AppendGrams(dst []uint32) []uint32 {
	runes := c.Runes
	for i := range runes {
		h := uint32(2166136261)
		for n := 0; n < maxGram && i+n < len(runes); n++ {
			r := runes[i+n]
			h = (h ^ uint32(r)) * 0x9E3779B1
			h ^= h >> 15
			if r == ' ' && n == 0 {
				continue
			}
			dst = append(dst, h)
			if r == ' ' {
				break
			}
		}
	}
	return dst
}
