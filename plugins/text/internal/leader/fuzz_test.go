package leader_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/leader"
)

// FuzzRestore: whatever has a right checksum is refused, or gives a state that can be saved, restored and used.
func FuzzRestore(f *testing.F) {
	s := newStream(small())
	f.Add(s.Snapshot()[5:])
	for _, text := range []string{"the lift is stuck", "lift stuck again", "lifts are stuck", "a wrong invoice"} {
		s.say(3, text)
	}
	saved := s.Snapshot()
	f.Add(saved[5 : len(saved)-4])
	f.Fuzz(func(t *testing.T, body []byte) {
		b := append([]byte("PLDR\x01"), body...)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		one, two := newStream(small()), newStream(small())
		if one.Restore(b) != nil {
			return
		}
		if err := two.Restore(one.Snapshot()); err != nil {
			t.Fatalf("its own snapshot is refused: %v", err)
		}
		for _, s := range []*stream{one, two} {
			s.say(5, "the lift is stuck")
			s.say(90, "another wrong invoice")
		}
		if one.told[0] != two.told[0] || one.told[1] != two.told[1] || !bytes.Equal(one.Snapshot(), two.Snapshot()) {
			t.Error("the state that was restored goes on differently")
		}
	})
}

// FuzzRead: any bytes give a bounded number of features.
func FuzzRead(f *testing.F) {
	f.Add("The lift's stuck, again! http://example.test 12 @me", true)
	f.Add("\xff\x00é", false)
	f.Fuzz(func(t *testing.T, text string, stemmed bool) {
		var r leader.Reader
		for _, feature := range r.Read("", text, stemmed) {
			if feature.Weight <= 0 {
				t.Fatal("a feature weighs nothing")
			}
		}
		if n := len(r.Read("", text, stemmed)); n > 128 {
			t.Fatalf("%d features", n)
		}
	})
}
