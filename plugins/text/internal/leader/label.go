package leader

import "strings"

// best is a word of a label and its weight in the cluster.
type best struct {
	term   *term
	weight float32
}

// consider keeps the three heaviest words of a cluster, of those that enough of its texts say. Weights only grow, so that looking
// at what has changed is enough.
func (k *Cluster) consider(t *term, p *posting) {
	if t.name == "" || p.texts < named {
		return
	}
	at := 0
	for at < len(k.top) && k.top[at].term != t {
		at++
	}
	if at == len(k.top) {
		k.top = append(k.top, best{})
	}
	b := best{t, p.weight}
	for ; at > 0 && b.before(k.top[at-1]); at-- {
		k.top[at] = k.top[at-1]
	}
	k.top[at] = b
	k.top = k.top[:min(len(k.top), 3)]
}

func (b best) before(o best) bool {
	return b.weight > o.weight || b.weight == o.weight && b.term.hash < o.term.hash
}

// Label returns the words that weigh most, of those that at least three of its texts say; "" while there are none.
func (k *Cluster) Label() string {
	var words [3]string
	for i, b := range k.top {
		words[i] = b.term.name
	}
	return strings.Join(words[:len(k.top)], " ")
}
