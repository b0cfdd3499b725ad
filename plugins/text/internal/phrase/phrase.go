// Package phrase tells which rules a text fits: phrases of whole words, found in one pass over the text however many there are,
// and patterns (RE2), which are tried only where the text holds what they need. It knows no grammar: "refund" is not "refunds".
package phrase

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/pintle-hub/pintle/plugins/text/internal/trie"
)

// Rule is what a text may fit: any of its phrases or patterns.
type Rule struct {
	Phrases, Patterns []string
	// Exact phrases are found only as they are written; else upper and lower case are the same.
	Exact bool
}

// Limits of what New accepts.
const (
	MaxPhrase   = 200       // bytes of one phrase
	MaxPhrases  = 50_000    // phrases of all rules
	MaxBytes    = 2_000_000 // bytes of all phrases
	MaxPattern  = 1000      // bytes of one pattern
	MaxPatterns = 500       // patterns of all rules
)

// Matcher finds rules. It reuses its memory: one goroutine uses it.
type Matcher struct {
	folding  *folding
	lists    [2]list // [0] any case, [1] exact
	patterns []pattern
	text     normal // with letters folded
	exact    normal
}

// list is phrases in a trie; its values are places in rules, the rules that have the phrase.
type list struct {
	trie  *trie.Trie
	rules [][]int
	keys  []trie.Key
	index map[string]int32
}

type pattern struct {
	re       *regexp.Regexp
	required [][]byte
	rule     int
}

// New makes a matcher. Rules are numbered as given. An error names the rule by its number; see RuleError.
func New(rules []Rule) (*Matcher, error) {
	m := &Matcher{folding: newFolding()}
	for n := range m.lists {
		m.lists[n] = list{index: make(map[string]int32), rules: make([][]int, 1)}
	}
	phrases, size := 0, 0
	for n, r := range rules {
		for _, p := range r.Phrases {
			phrases++
			size += len(p)
			if phrases > MaxPhrases || size > MaxBytes {
				return nil, RuleError{n, fmt.Sprintf("all phrases together are more than %d, or %d bytes", MaxPhrases, MaxBytes)}
			}
			if err := m.addPhrase(n, p, r.Exact); err != nil {
				return nil, err
			}
		}
		for _, p := range r.Patterns {
			if err := m.addPattern(n, p); err != nil {
				return nil, err
			}
		}
	}
	for n := range m.lists {
		m.lists[n].trie = trie.New(m.lists[n].keys)
	}
	return m, nil
}

// RuleError is what is wrong with the rule of that number.
type RuleError struct {
	Rule    int
	Problem string
}

func (e RuleError) Error() string { return e.Problem }

func (m *Matcher) addPhrase(rule int, p string, exact bool) error {
	n := &m.text
	n.set(p, m.folding, !exact)
	key := string(bytes.TrimSpace(n.bytes))
	if key == "" || len(p) > MaxPhrase {
		return RuleError{rule, fmt.Sprintf("phrase %q: want 1 to %d bytes", p[:min(len(p), MaxPhrase)], MaxPhrase)}
	}
	l := &m.lists[0]
	if exact {
		l = &m.lists[1]
	}
	at, ok := l.index[key]
	if !ok {
		at = int32(len(l.rules))
		l.index[key] = at
		l.rules = append(l.rules, nil)
		l.keys = append(l.keys, trie.Key{Text: key, Value: at})
	}
	l.rules[at] = append(l.rules[at], rule)
	return nil
}

func (m *Matcher) addPattern(rule int, p string) error {
	if len(m.patterns) == MaxPatterns || len(p) > MaxPattern {
		return RuleError{rule, fmt.Sprintf("pattern %q: at most %d patterns in all rules, of at most %d bytes each",
			p[:min(len(p), MaxPattern)], MaxPatterns, MaxPattern)}
	}
	tree, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return RuleError{rule, fmt.Sprintf("pattern %q: %v", p, err)}
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return RuleError{rule, fmt.Sprintf("pattern %q: %v", p, err)}
	}
	if re.MatchString("") {
		return RuleError{rule, fmt.Sprintf("pattern %q: it fits the empty text, and so every text", p)}
	}
	pat := pattern{re: re, rule: rule}
	for _, s := range required(tree) {
		m.text.set(s, m.folding, true)
		pat.required = append(pat.required, bytes.Clone(m.text.bytes))
	}
	m.patterns = append(m.patterns, pat)
	return nil
}

// Match sets found[rule] for every rule that text fits, and leaves the others as they are.
func (m *Matcher) Match(text string, found []bool) {
	m.text.set(text, m.folding, true)
	m.lists[0].match(&m.text, found)
	if len(m.lists[1].keys) > 0 {
		m.exact.set(text, m.folding, false)
		m.lists[1].match(&m.exact, found)
	}
	for i := range m.patterns {
		p := &m.patterns[i]
		if !found[p.rule] && m.possible(p) && p.re.MatchString(text) {
			found[p.rule] = true
		}
	}
}

// match walks the trie from every place where a phrase may begin.
func (l *list) match(n *normal, found []bool) {
	for i := range n.bytes {
		if !n.border[i] {
			continue
		}
		node := trie.Root
		for j := i; j < len(n.bytes); j++ {
			if node = l.trie.Step(node, n.bytes[j]); node == trie.Root {
				break
			}
			if v := l.trie.Value(node); v != 0 && n.border[j+1] {
				for _, rule := range l.rules[v] {
					found[rule] = true
				}
			}
		}
	}
}

// possible reports whether the text holds what the pattern needs.
func (m *Matcher) possible(p *pattern) bool {
	if len(p.required) == 0 || m.text.composed {
		return true
	}
	for _, need := range p.required {
		if bytes.Contains(m.text.bytes, need) {
			return true
		}
	}
	return false
}
