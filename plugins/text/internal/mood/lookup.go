package mood

import "github.com/pintle-hub/pintle/plugins/text/internal/trie"

// lookup fills in what a word means in each language: its own entry, else the longest beginning that has one.
func (l *lexicon) lookup(w []byte, t *token) {
	node := trie.Root
	for _, b := range w {
		if node = l.trie.Step(node, b); node == trie.Root {
			return
		}
		if v := l.trie.Value(node); v != 0 {
			merge(&t.marks, &l.rows[v].stem)
		}
	}
	if v := l.trie.Value(node); v != 0 {
		merge(&t.marks, &l.rows[v].whole)
	}
	t.node = node
}

func merge(marks, with *[languages]mark) {
	for n, m := range with {
		if m != (mark{}) {
			marks[n] = m
		}
	}
}

// sign reads an emoji or emoticon and returns how many bytes it took, 0 when there is none.
func (s *scanner) sign(text string) int {
	if s.lex == nil {
		return 0
	}
	node, found, n := trie.Root, int32(0), 0
	for i := range min(len(text), 16) {
		if node = s.lex.trie.Step(node, text[i]); node == trie.Root {
			break
		}
		if v := s.lex.trie.Value(node); v != 0 {
			found, n = v, i+1
		}
	}
	if found == 0 {
		return 0
	}
	s.tokens = append(s.tokens, token{kind: sign, marks: s.lex.rows[found].whole})
	return n
}

// phrase returns what the longest phrase that begins at token i means in a language, and how many tokens it has. A phrase does
// not reach over a border.
func (s *scanner) phrase(i, lang int) (mark, int) {
	best, n := s.tokens[i].marks[lang], 1
	node := s.tokens[i].node
	for j := i + 1; node != trie.Root && j < len(s.tokens) && s.tokens[j].kind == word; j++ {
		if node = s.lex.trie.Step(node, ' '); node == trie.Root {
			break
		}
		for _, b := range s.buf[s.tokens[j].start:s.tokens[j].end] {
			if node = s.lex.trie.Step(node, b); node == trie.Root {
				return best, n
			}
		}
		if v := s.lex.trie.Value(node); v != 0 {
			if m := s.lex.rows[v].whole[lang]; m != (mark{}) {
				best, n = m, j-i+1
			}
		}
	}
	return best, n
}
