package leader

import (
	"github.com/kljensen/snowball/english"

	"github.com/pintle-hub/pintle/plugins/text/internal/token"
)

// Feature is a word or a pair of words of a text. Name is the word as it was written, lower case; "" for a pair and for what
// should not be in a label.
type Feature struct {
	Hash   uint64
	Weight float64
	Name   string
}

const (
	maxWords  = 64      // of a text, the rest is not read
	maxStems  = 1 << 14 // that are remembered, to be faster
	maxStem   = 40      // bytes of a word that is stemmed
	pairWeigh = 0.5
)

// Reader takes texts apart. It keeps its memory between texts: one goroutine uses it.
type Reader struct {
	splitter token.Splitter
	stems    map[string]word
	plain    map[string]word
	features []Feature
}

// word is a word, the hash of its stem, and whether it is one of those that all texts have.
type word struct {
	name   string
	hash   uint64
	common bool
}

// Read returns the features of a text: each word, and each pair of neighbours. Of a text to be stemmed, which is English, words are
// stems, and those that all texts have (the, with) are left out. They are
// valid until the next call. Texts of different tenants have no features in common.
func (r *Reader) Read(tenant, text string, stemmed bool) []Feature {
	r.features = r.features[:0]
	seed, before, n := Hash(tenant), uint64(0), 0
	for _, t := range r.splitter.Split(text) {
		if t.Kind != token.Word || len(t.Text) < 2 {
			before = 0
			continue
		}
		w := r.word(t.Text, stemmed)
		if w.common {
			continue
		}
		r.add(mix(seed^w.hash), 1, w.name)
		if before != 0 {
			r.add(mix(mix(seed^before)+w.hash), pairWeigh, "")
		}
		before = w.hash
		if n++; n == maxWords {
			break
		}
	}
	return r.features
}

// add adds a feature, once.
func (r *Reader) add(hash uint64, weight float64, name string) {
	for i := range r.features {
		if r.features[i].Hash == hash {
			return
		}
	}
	r.features = append(r.features, Feature{hash, weight, name})
}

// word returns the word and the hash of its stem.
func (r *Reader) word(text []byte, stemmed bool) word {
	cache := &r.plain
	if stemmed {
		cache = &r.stems
	}
	if w, ok := (*cache)[string(text)]; ok {
		return w
	}
	if *cache == nil || len(*cache) >= maxStems {
		*cache = make(map[string]word)
	}
	w := word{name: string(text)}
	stem := w.name
	if stemmed && len(stem) <= maxStem {
		w.common = english.IsStopWord(stem)
		stem = english.Stem(stem, false)
	}
	w.hash = Hash(stem)
	if len(stem) <= maxStem {
		(*cache)[w.name] = w
	}
	return w
}

// Hash returns a number for a text, the same on every machine.
func Hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

func mix(h uint64) uint64 {
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return h ^ h>>32
}
