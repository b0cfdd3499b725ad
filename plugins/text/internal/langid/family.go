package langid

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
)

// Family is the languages of one script, with what each n-gram says against each of them. The generator makes it, Detect reads
// it.
type Family struct {
	Script Script
	// Langs are BCP-47 codes; "und" among them stands for languages that are known only as not ours.
	Langs []string
	// Scale turns costs into logits: fitted by the generator, so that confidence means probability.
	Scale float64
	Grams []Gram
}

// Gram is one n-gram by its hash. Costs[k] is how much it speaks against Langs[k], from 0 (for the language it speaks for most)
// to MaxCost, in steps of CostStep of the natural logarithm of a probability.
type Gram struct {
	Hash  uint32
	Costs []byte
}

// MaxCost keeps the sum over the n-grams of a text within 16 bits.
const (
	MaxCost  = 63
	CostStep = 0.125
)

const magic = "PLID1"

// Encode packs families. Most costs of an n-gram are the same (it never occurs in that language): only the others are written.
func Encode(families []Family) ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(families)))
	for _, f := range families {
		b = append(b, byte(f.Script), byte(len(f.Langs)))
		for _, l := range f.Langs {
			b = append(append(b, byte(len(l))), l...)
		}
		b = binary.AppendUvarint(b, uint64(f.Scale*1000))
		b = binary.AppendUvarint(b, uint64(len(f.Grams)))
		last := uint32(0)
		for _, g := range f.Grams {
			b = binary.AppendUvarint(b, uint64(g.Hash-last))
			last = g.Hash
			b = appendCosts(b, g.Costs)
		}
	}
	var out bytes.Buffer
	out.WriteString(magic)
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// appendCosts writes the most frequent cost, a set of the languages that have another one, and theirs.
func appendCosts(b, costs []byte) []byte {
	var count [MaxCost + 1]int
	floor := byte(0)
	for _, c := range costs {
		count[c]++
		if count[c] > count[floor] {
			floor = c
		}
	}
	var set uint64
	for k, c := range costs {
		if c != floor {
			set |= 1 << k
		}
	}
	b = binary.AppendUvarint(append(b, floor), set)
	for _, c := range costs {
		if c != floor {
			b = append(b, c)
		}
	}
	return b
}

// maxLangs is how many languages a family may have: one bit each in an encoded set.
const maxLangs = 63

var errShort = errors.New("language profiles end too early")

// Decode unpacks what Encode packed.
func Decode(b []byte) ([]Family, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return nil, errors.New("these are no language profiles, or those of another version; run go generate")
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(rest)))
	if err != nil {
		return nil, fmt.Errorf("language profiles: %w", err)
	}
	d := decoder{b: plain}
	families := make([]Family, d.count(64))
	for i := range families {
		families[i] = d.family()
	}
	return families, d.err
}

type decoder struct {
	b   []byte
	err error
}

func (d *decoder) family() Family {
	f := Family{Script: Script(d.byte())}
	for range min(d.byte(), maxLangs) {
		f.Langs = append(f.Langs, string(d.take(int(d.byte()))))
	}
	f.Scale = float64(d.uvarint()) / 1000
	f.Grams = make([]Gram, d.count(1<<20))
	costs := make([]byte, len(f.Grams)*len(f.Langs))
	hash := uint32(0)
	for i := range f.Grams {
		hash += uint32(d.uvarint())
		n := len(f.Langs)
		f.Grams[i] = Gram{Hash: hash, Costs: costs[i*n : (i+1)*n : (i+1)*n]}
		d.costs(f.Grams[i].Costs)
	}
	return f
}

func (d *decoder) costs(costs []byte) {
	floor := d.byte()
	for k := range costs {
		costs[k] = min(floor, MaxCost)
	}
	set := d.uvarint()
	for ; set != 0 && d.err == nil; set &= set - 1 {
		if k := bits.TrailingZeros64(set); k < len(costs) {
			costs[k] = min(d.byte(), MaxCost)
		}
	}
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.err, d.b = errShort, nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads a number of things and refuses more than limit.
func (d *decoder) count(limit uint64) int {
	n := d.uvarint()
	if n > limit {
		d.err = fmt.Errorf("language profiles: a count of %d, at most %d is allowed", n, limit)
		return 0
	}
	return int(n)
}

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.err, d.b = errShort, nil
		return nil
	}
	head := d.b[:n]
	d.b = d.b[n:]
	return head
}

func (d *decoder) byte() byte {
	if b := d.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}
