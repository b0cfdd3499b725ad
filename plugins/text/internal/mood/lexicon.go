package mood

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/pintle-hub/pintle/plugins/text/internal/trie"
)

//go:embed words/*.txt
var words embed.FS

// The languages that have a word list, as places in a row.
const (
	english = iota
	german
	french
	spanish
	languages
)

func languageNames() [languages]string { return [...]string{"en", "de", "fr", "es"} }

// role is what a word does to the words around it.
type role uint8

const (
	plain    role = iota
	function      // tells the language, no more
	negator
	booster
	damper
	contrast
)

// mark is what one word or phrase means in one language.
type mark struct {
	value int8 // -4 to 4
	role  role
}

// row is what a string means in each language: as a whole word, and as the beginning of a word.
type row struct{ whole, stem [languages]mark }

// lexicon is all word lists in one trie.
type lexicon struct {
	trie *trie.Trie
	rows []row
}

// loader collects words before the trie is made.
type loader struct {
	scanner scanner
	index   map[string]int32
	keys    []trie.Key
	rows    []row
}

func loadLexicon() (*lexicon, error) {
	l := loader{index: make(map[string]int32), rows: make([]row, 1)}
	for n, name := range languageNames() {
		if err := l.file(name, n, n+1); err != nil {
			return nil, err
		}
	}
	if err := l.file("emoji", 0, languages); err != nil {
		return nil, err
	}
	return &lexicon{trie: trie.New(l.keys), rows: l.rows}, nil
}

// file reads one list for the languages from..to-1.
func (l *loader) file(name string, from, to int) error {
	b, err := words.ReadFile("words/" + name + ".txt")
	if err != nil {
		return err
	}
	for n, line := range strings.Split(string(b), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		head, list, ok := strings.Cut(line, ": ")
		m, err := parseMark(head)
		if err != nil || !ok {
			return fmt.Errorf("words/%s.txt line %d: want a value or a role and a colon, then words", name, n+1)
		}
		for _, w := range strings.Fields(list) {
			for lang := from; lang < to; lang++ {
				l.word(w, lang, m, name == "emoji")
			}
		}
	}
	return nil
}

func parseMark(head string) (mark, error) {
	switch head {
	case "fn":
		return mark{role: function}, nil
	case "not":
		return mark{role: negator}, nil
	case "more":
		return mark{role: booster}, nil
	case "less":
		return mark{role: damper}, nil
	case "but":
		return mark{role: contrast}, nil
	}
	n, err := strconv.ParseInt(head, 10, 8)
	return mark{value: int8(n)}, err
}

// word adds one entry of a list with all its forms.
func (l *loader) word(w string, lang int, m mark, sign bool) {
	if sign {
		l.set(w, lang, m, false)
		return
	}
	w = strings.ReplaceAll(w, "_", " ")
	base, isStem := strings.CutSuffix(w, "*")
	if isStem {
		l.set(l.normal(base), lang, m, true)
		return
	}
	for _, form := range forms(w) {
		l.set(l.normal(form), lang, m, false)
	}
}

// normal writes an entry as the scanner would write it in a text.
func (l *loader) normal(s string) string {
	l.scanner.scan(s)
	return strings.TrimSuffix(string(l.scanner.buf), " ")
}

// set merges m into what is known of key: a word may have a value and a role.
func (l *loader) set(key string, lang int, m mark, stem bool) {
	at, ok := l.index[key]
	if !ok {
		at = int32(len(l.rows))
		l.index[key] = at
		l.rows = append(l.rows, row{})
		l.keys = append(l.keys, trie.Key{Text: key, Value: at})
	}
	old := &l.rows[at].whole[lang]
	if stem {
		old = &l.rows[at].stem[lang]
	}
	if m.value != 0 {
		old.value = m.value
	}
	if m.role > old.role {
		old.role = m.role
	}
}

// forms returns the English forms of word~ (verb or noun) and word^ (adjective), else the word alone.
func forms(w string) []string {
	base, isVerb := strings.CutSuffix(w, "~")
	if isVerb {
		switch stem := base[:len(base)-1]; base[len(base)-1] {
		case 'e':
			return []string{base, base + "s", base + "d", stem + "ing"}
		case 'y':
			return []string{base, base + "s", base + "ed", base + "ing", stem + "ies", stem + "ied"}
		case 's', 'h', 'x', 'z':
			return []string{base, base + "es", base + "ed", base + "ing"}
		}
		return []string{base, base + "s", base + "ed", base + "ing"}
	}
	return []string{w}
}
