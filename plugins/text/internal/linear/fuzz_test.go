package linear_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
)

// FuzzDecode: whatever has a right checksum is refused, or is a model that answers and can be written again.
func FuzzDecode(f *testing.F) {
	m, _ := trained(f, linear.Options{Folds: 1, Features: linear.Features{Words: 1, Bits: 10}})
	b, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:len(b)-sha256.Size])
	f.Add([]byte("PLIN\x01\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		m, err := linear.Decode(append(bytes.Clone(body), sum[:]...))
		if err != nil {
			return
		}
		m.Scorer().Score("where is my refund")
		if _, err := m.Encode(); err != nil {
			t.Fatal(err)
		}
	})
}
