package langid_test

import (
	"bytes"
	"compress/flate"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
)

func families() []langid.Family {
	return []langid.Family{
		{Script: langid.Latin, Langs: []string{"de", "en", "und"}, Scale: 0.75, Grams: []langid.Gram{
			{Hash: 7, Costs: []byte{0, 63, 63}}, {Hash: 9, Costs: []byte{5, 5, 5}}, {Hash: 1 << 31, Costs: []byte{1, 0, 2}}}},
		{Script: langid.Han, Langs: []string{"ja", "zh"}, Scale: 1, Grams: []langid.Gram{{Hash: 0, Costs: []byte{0, 1}}}},
	}
}

func TestEncodeAndDecode(t *testing.T) {
	b, err := langid.Encode(families())
	if err != nil {
		t.Fatal(err)
	}
	got, err := langid.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(families(), got); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	for n := range b {
		if _, err := langid.Decode(b[:n]); err == nil {
			t.Errorf("no error although %d of %d bytes are there", n, len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{1, 1, 2, 2, 'd', 'e', 2, 'e', 'n', 100, 1, 7, 0, 1, 5})
	f.Add([]byte{0xff, 0xff, 0xff})
	f.Fuzz(func(_ *testing.T, plain []byte) {
		var b bytes.Buffer
		b.WriteString("PLID1")
		w, err := flate.NewWriter(&b, flate.BestSpeed)
		if err != nil {
			panic(err)
		}
		w.Write(plain)
		w.Close()
		langid.Decode(b.Bytes()) // an error or not, but no crash and no boundless memory
	})
}
