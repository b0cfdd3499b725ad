package disk_test

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/disk"
)

// store is the data directory of a stream with two blocks and all the files that can be damaged.
func store(t *testing.T) disk.Store {
	t.Helper()
	s := disk.Store{Data: t.TempDir(), Stream: "EV"}
	for _, name := range []string{"meta.inf", "msgs/index.db", "msgs/9.blk", "msgs/10.blk"} {
		path := filepath.Join(s.Dir(), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Repeat([]byte("pintle"), 100), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestBlocksAreOrderedByNumber(t *testing.T) {
	if newest, err := store(t).Newest(); err != nil || filepath.Base(newest) != "10.blk" {
		t.Errorf("newest block %s, %v", newest, err)
	}
}

func TestEveryDamageChangesFiles(t *testing.T) {
	for _, d := range disk.Damages() {
		t.Run(d.Name, func(t *testing.T) {
			s := store(t)
			before := contents(t, s)
			if err := d.Do(s, rand.New(rand.NewPCG(1, 2))); err != nil {
				t.Fatal(err)
			}
			if after := contents(t, s); after == before {
				t.Error("nothing has changed")
			}
			if err := os.RemoveAll(s.Data); err != nil {
				t.Fatal(err)
			}
			if err := d.Do(s, rand.New(rand.NewPCG(1, 2))); err == nil && d.Name != "missing stream" {
				t.Error("no error where there is nothing to damage")
			}
		})
	}
}

func contents(t *testing.T, s disk.Store) string {
	t.Helper()
	all := ""
	for _, name := range []string{"meta.inf", "msgs/index.db", "msgs/9.blk", "msgs/10.blk"} {
		data, err := os.ReadFile(filepath.Join(s.Dir(), name))
		if err == nil {
			all += string(data)
		}
		all += "|"
	}
	return all
}

func TestFlipChangesOneBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	before := bytes.Repeat([]byte("x"), 1000)
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.Flip(path, rand.New(rand.NewPCG(3, 4))); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	changed := 0
	for i := range after {
		changed += bits.OnesCount8(after[i] ^ before[i])
	}
	if err != nil || len(after) != len(before) || changed != 1 {
		t.Errorf("%d bits changed, %d bytes, %v", changed, len(after), err)
	}
}
