package disk

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Store finds the files of one stream under a data directory of the product.
type Store struct {
	Data   string // the data directory
	Stream string // EV, IN, DLQ, LOOP, CK or SN
}

// Dir is where the stream's files are.
func (s Store) Dir() string { return filepath.Join(s.Data, "jetstream", "$G", "streams", s.Stream) }

// Meta is the file that describes the stream.
func (s Store) Meta() string { return filepath.Join(s.Dir(), "meta.inf") }

// Index is the file by which a start is spared reading the blocks.
func (s Store) Index() string { return filepath.Join(s.Dir(), "msgs", "index.db") }

// Blocks are the files with the messages, oldest first.
func (s Store) Blocks() ([]string, error) {
	found, err := filepath.Glob(filepath.Join(s.Dir(), "msgs", "*.blk"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no blocks in %s", s.Dir())
	}
	slices.SortFunc(found, func(a, b string) int { return number(a) - number(b) })
	return found, err
}

func number(block string) int {
	n := 0
	_, _ = fmt.Sscanf(filepath.Base(block), "%d.blk", &n)
	return n
}

// Newest is the block that is written to.
func (s Store) Newest() (string, error) {
	blocks, err := s.Blocks()
	if err != nil {
		return "", err
	}
	return blocks[len(blocks)-1], nil
}

// Damages are the ways in which a stream's files go bad, by name. Each returns an error when there is nothing to damage.
func Damages() []Damage {
	return []Damage{
		{"bit flip", flipSomewhere},
		{"torn write", func(s Store, r *rand.Rand) error {
			return onNewest(s, func(p string) error { return Tear(p, 1+r.Int64N(200)) })
		}},
		{"truncated block", func(s Store, r *rand.Rand) error {
			return onNewest(s, func(p string) error { return Cut(p, 1+r.Int64N(200)) })
		}},
		{"missing block", func(s Store, _ *rand.Rand) error { return onNewest(s, os.Remove) }},
		{"corrupt meta.inf", func(s Store, r *rand.Rand) error { return Flip(s.Meta(), r) }},
		{"corrupt index.db", func(s Store, r *rand.Rand) error { return Flip(s.Index(), r) }},
		{"bit flip, no index.db", func(s Store, r *rand.Rand) error {
			if err := flipSomewhere(s, r); err != nil {
				return err
			}
			return os.RemoveAll(s.Index())
		}},
		{"missing stream", func(s Store, _ *rand.Rand) error { return os.RemoveAll(s.Dir()) }},
	}
}

// Damage is one way in which a stream's files go bad.
type Damage struct {
	Name string
	Do   func(s Store, r *rand.Rand) error
}

func onNewest(s Store, do func(path string) error) error {
	path, err := s.Newest()
	if err != nil {
		return err
	}
	return do(path)
}

func flipSomewhere(s Store, r *rand.Rand) error {
	blocks, err := s.Blocks()
	if err != nil {
		return err
	}
	return Flip(blocks[r.IntN(len(blocks))], r)
}

// Flip changes one bit of a file.
func Flip(path string, r *rand.Rand) error {
	return Change(path, func(data []byte) error {
		if len(data) == 0 {
			return fmt.Errorf("%s is empty", path)
		}
		data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		return nil
	})
}

// FlipAt changes one bit behind the first place where a file holds text.
func FlipAt(path string, text []byte, behind int) error {
	return Change(path, func(data []byte) error {
		at := bytes.Index(data, text)
		if at < 0 || at+behind >= len(data) {
			return fmt.Errorf("%s does not hold the text", path)
		}
		data[at+behind] ^= 1
		return nil
	})
}

// Change gives the bytes of a file to do, which changes them where they are, and writes them back into the same file, so
// that who has it open sees them too.
func Change(path string, do func(data []byte) error) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := do(data); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(data, 0)
	return err
}

// Cut takes n bytes from the end of a file, or all when it has fewer.
func Cut(path string, n int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return fmt.Errorf("%s is empty", path)
	}
	return os.Truncate(path, max(0, info.Size()-n))
}

// Tear leaves the last n bytes of a file as a write leaves them that never reached the disk: zeros.
func Tear(path string, n int64) error {
	return Change(path, func(data []byte) error {
		if len(data) == 0 {
			return fmt.Errorf("%s is empty", path)
		}
		clear(data[max(0, len(data)-int(n)):])
		return nil
	})
}
