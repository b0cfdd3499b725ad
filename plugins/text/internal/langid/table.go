package langid

import "math/bits"

// table holds a family for counting: rows of costs packed as four 16-bit lanes a word, so that one addition serves four
// languages, behind a hash table with linear probing.
type table struct {
	langs []string
	scale float64
	width int      // words in a row
	slots []uint64 // hash << 32 | row number + 1; 0 is empty
	shift int
	rows  []uint64
}

// maxWidth is the width of the row of a family with maxLangs languages.
const maxWidth = (maxLangs + 3) / 4

func newTable(f *Family) *table {
	t := &table{langs: f.Langs, scale: f.Scale, width: (len(f.Langs) + 3) / 4}
	logSize := bits.Len(uint(2*len(f.Grams) + 1))
	t.slots = make([]uint64, 1<<logSize)
	t.shift = 32 - logSize
	t.rows = make([]uint64, t.width*len(f.Grams))
	for i, g := range f.Grams {
		at := int(g.Hash >> t.shift)
		for t.slots[at] != 0 {
			at = (at + 1) & (len(t.slots) - 1)
		}
		t.slots[at] = uint64(g.Hash)<<32 | uint64(i+1)
		for k, c := range g.Costs {
			t.rows[i*t.width+k/4] |= uint64(c) << (16 * (k % 4))
		}
	}
	return t
}

// costs adds up what the n-grams say against each language, and counts those that are known.
func (t *table) costs(grams []uint32) (sums [4 * maxWidth]uint16, known int) {
	var acc [maxWidth]uint64
	mask := len(t.slots) - 1
	for _, g := range grams {
		at := int(g >> t.shift)
		for t.slots[at] != 0 && uint32(t.slots[at]>>32) != g {
			at = (at + 1) & mask
		}
		slot := t.slots[at]
		if slot == 0 {
			continue
		}
		known++
		row := int(uint32(slot)-1) * t.width
		for w, v := range t.rows[row : row+t.width] {
			acc[w] += v
		}
	}
	for k := range sums {
		sums[k] = uint16(acc[k/4] >> (16 * (k % 4)))
	}
	return sums, known
}
