package linear

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// A model's file: the magic, the length of the head and the head as JSON, the number of rows, the biases, the rows (place, idf,
// scale, and a signed byte a label), and the SHA-256 of all before. Numbers are little endian.
const (
	magic   = "PLIN\x01"
	maxHead = 1 << 20
	maxRows = 1 << 22
)

type head struct {
	Task      string    `json:"task"`
	Labels    []string  `json:"labels"`
	Features  Features  `json:"features"`
	Sharpness float64   `json:"sharpness"`
	Sure      []float64 `json:"sure,omitempty"`
	Learned   Learned   `json:"learned"`
}

// Encode returns the model as a file. Weights are rounded to 8 bits a row; rows that no label needs are left out.
func (m *Model) Encode() ([]byte, error) {
	h, err := json.Marshal(head{m.Task, m.Labels, m.Features, m.Sharpness, m.Sure, m.Learned})
	if err != nil {
		return nil, fmt.Errorf("encode model: %w", err)
	}
	b := append([]byte(magic), binary.LittleEndian.AppendUint32(nil, uint32(len(h)))...)
	b = append(b, h...)
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, x := range m.bias {
		b = appendFloat(b, x)
	}
	n, k := uint32(0), len(m.Labels)
	for r := range m.rows {
		weights := m.table[r*k : (r+1)*k]
		top := max(slices.Max(weights), -slices.Min(weights))
		if top == 0 {
			continue
		}
		n++
		b = binary.LittleEndian.AppendUint32(b, m.rows[r].at)
		b = appendFloat(appendFloat(b, m.rows[r].idf), top/127)
		for _, w := range weights {
			b = append(b, byte(int8(math.Round(float64(w/top*127)))))
		}
	}
	binary.LittleEndian.PutUint32(b[at:], n)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

func appendFloat(b []byte, x float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
}

var errDamaged = errors.New("this is no model, or it is damaged: its checksum and its contents do not agree; train it again")

// Decode reads a model's file, which may be a stranger's. It keeps nothing of b.
func Decode(b []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok {
		return nil, errors.New("this is no model of a kind that this version knows; train it again")
	}
	end := len(b) - sha256.Size
	if end < len(magic)+4 || sha256.Sum256(b[:end]) != [sha256.Size]byte(b[end:]) {
		return nil, errDamaged
	}
	size := int64(binary.LittleEndian.Uint32(rest))
	rest = rest[4 : len(rest)-sha256.Size]
	if size > maxHead || size > int64(len(rest)) {
		return nil, errDamaged
	}
	var h head
	if err := json.Unmarshal(rest[:size], &h); err != nil {
		return nil, fmt.Errorf("%w (%w)", errDamaged, err)
	}
	m := &Model{Task: h.Task, Labels: h.Labels, Features: h.Features, Sharpness: h.Sharpness, Sure: h.Sure, Learned: h.Learned}
	if err := m.checkHead(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	m.hash = hex.EncodeToString(sum[:6])
	return m, m.decodeRows(rest[size:])
}

func (m *Model) checkHead() error {
	if len(m.Labels) < 2 || len(m.Labels) > MaxLabels || !slices.IsSorted(m.Labels) || !(m.Sharpness > 0 && m.Sharpness < 1e6) || len(m.Sure) > 1000 {
		return errDamaged
	}
	return m.Features.check()
}

func (m *Model) decodeRows(b []byte) error {
	k := len(m.Labels)
	if len(b) < 4+4*k {
		return errDamaged
	}
	n, b := int64(binary.LittleEndian.Uint32(b)), b[4:]
	if n > maxRows || int64(len(b)) != int64(4*k)+n*int64(12+k) {
		return errDamaged
	}
	m.index, m.rows, m.table = make([]uint32, 1<<m.Bits), make([]row, n), make([]float32, n*int64(k))
	for range k {
		m.bias = append(m.bias, float(b))
		b = b[4:]
	}
	for r := range m.rows {
		place := binary.LittleEndian.Uint32(b)
		if place >= uint32(len(m.index)) || m.index[place] != 0 {
			return errDamaged
		}
		m.index[place] = uint32(r + 1)
		m.rows[r] = row{place, float(b[4:])}
		scale := float(b[8:])
		for i := range k {
			m.table[r*k+i] = scale * float32(int8(b[12+i]))
		}
		b = b[12+k:]
	}
	return nil
}

// float reads a number; what is none counts as 0, and none is so large that sums could overflow.
func float(b []byte) float32 {
	x := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if x != x {
		return 0
	}
	return min(max(x, -1e6), 1e6)
}
