package crowd_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/crowd"
)

// FuzzRestore: whatever has a right checksum is refused, or gives a state that can be saved, restored and used.
func FuzzRestore(f *testing.F) {
	c := crowd.New(small())
	see(c, "x", 1, "ann")
	see(c, "x", 2, "bob")
	c.Add([]string{"", "b"}, &crowd.Sighting{At: 9, Person: 9, ID: "e", Channel: "blog", Communities: []string{"club"}})
	saved := c.Snapshot()
	f.Add(saved[5 : len(saved)-4])
	f.Add([]byte{0, 0})
	f.Add([]byte{0, 1, 1, 1, 'a', 0, 0, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		b := append([]byte("PCRD\x01"), body...)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
		c := crowd.New(small())
		if c.Restore(b) != nil {
			return
		}
		again := crowd.New(small())
		if err := again.Restore(c.Snapshot()); err != nil {
			t.Fatalf("its own snapshot is refused: %v", err)
		}
		for _, c := range []*crowd.Crowd{c, again} {
			see(c, "x", 5, "ann")
			g, _ := see(c, "a", 90, "bob")
			var figures crowd.Figures
			c.Figures(g, &figures)
		}
		if !bytes.Equal(c.Snapshot(), again.Snapshot()) {
			t.Error("the state that was restored goes on differently")
		}
	})
}
