package linear

import (
	"unicode/utf8"

	"github.com/pintle-hub/pintle/plugins/text/internal/token"
)

// hasher turns a text into places of features. It keeps its memory: one goroutine uses it.
type hasher struct {
	features     Features
	splitter     token.Splitter
	words, chars []uint32
	recent       [3]uint64 // hashes of the words before
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// FNV-1a.
func hashBytes(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// place mixes a hash, so that all its bits count, and cuts it to the number of places.
func (h *hasher) place(x uint64) uint32 {
	x = (x ^ x>>32) * 0x9e3779b97f4a7c15
	return uint32(x >> (64 - uint(h.features.Bits)))
}

// read fills words and chars with the features of text, those that occur twice twice. What the caller knows besides of the
// text counts as a word.
func (h *hasher) read(text string, extra []string) {
	h.words, h.chars, h.recent = h.words[:0], h.chars[:0], [3]uint64{}
	for _, t := range h.splitter.Split(text) {
		h.word(t.Text)
		if h.features.CharMax > 0 && t.Kind != token.Folded && t.Kind != token.Sign {
			h.letters(t.Text)
		}
	}
	for _, e := range extra {
		x := uint64(fnvOffset ^ 0x5bd1e995)
		for i := range len(e) {
			x = (x ^ uint64(e[i])) * fnvPrime
		}
		h.words = append(h.words, h.place(x))
	}
}

// word adds a word and the rows of words that end with it.
func (h *hasher) word(w []byte) {
	x := hashBytes(fnvOffset, w)
	h.words = append(h.words, h.place(x))
	for n, joined := 2, x; n <= h.features.Words && h.recent[n-2] != 0; n++ {
		joined = (joined ^ h.recent[n-2] ^ uint64(n)) * fnvPrime
		h.words = append(h.words, h.place(joined))
	}
	h.recent = [3]uint64{x, h.recent[0], h.recent[1]}
}

// letters adds the groups of letters of a word, with its borders.
func (h *hasher) letters(w []byte) {
	for start := -1; start < len(w); {
		h.from(w, start)
		if start < 0 {
			start = 0
			continue
		}
		_, size := utf8.DecodeRune(w[start:])
		start += size
	}
}

// from adds the groups that begin at start; -1 is the border before the word.
func (h *hasher) from(w []byte, start int) {
	x, n, at := uint64(fnvOffset+1), 0, start
	if start < 0 {
		x, n, at = (x^' ')*fnvPrime, 1, 0
	}
	for n < h.features.CharMax {
		if at >= len(w) {
			if n++; n >= h.features.CharMin && n > 1 {
				h.chars = append(h.chars, h.place((x^' ')*fnvPrime))
			}
			return
		}
		_, size := utf8.DecodeRune(w[at:])
		x = hashBytes(x, w[at:at+size])
		at += size
		if n++; n >= h.features.CharMin {
			h.chars = append(h.chars, h.place(x))
		}
	}
}
