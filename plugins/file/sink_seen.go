package file

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// recentKeys is how many events a file sink remembers. What comes again after a crash is what the hub had sent without having
// kept the answer: a few batches.
const recentKeys = 1 << 16

// key names one event, or one state of an insight.
type key [16]byte

func keyOf(source, id, revision string) key {
	sum := sha256.Sum256([]byte(source + "\x00" + id + "\x00" + revision))
	return key(sum[:16])
}

// recent is a set of the keys that were added last.
type recent struct {
	keys map[key]struct{}
	ring []key
	next int
}

func newRecent(n int) *recent {
	return &recent{keys: make(map[key]struct{}), ring: make([]key, 0, n)}
}

func (r *recent) has(k key) bool {
	_, ok := r.keys[k]
	return ok
}

func (r *recent) add(k key) {
	if r.has(k) {
		return
	}
	r.keys[k] = struct{}{}
	if len(r.ring) < cap(r.ring) {
		r.ring = append(r.ring, k)
		return
	}
	delete(r.keys, r.ring[r.next])
	r.ring[r.next] = k
	r.next = (r.next + 1) % len(r.ring)
}

// all returns the keys, oldest first.
func (r *recent) all() []key {
	return append(append([]key{}, r.ring[r.next:]...), r.ring[:r.next]...)
}

// rememberLines adds the events of the last lines at path to seen, and before them those of the file that was rotated last.
func rememberLines(path string, seen *recent) error {
	for _, p := range []string{lastRotated(path), path} {
		if p == "" {
			continue
		}
		if err := rememberFile(p, seen); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func rememberFile(path string, seen *recent) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	start, err := breakBefore(f, st.Size(), recentKeys+1)
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(io.NewSectionReader(f, start, st.Size()-start), 64<<10)
	for {
		line, err := lines.ReadString('\n')
		rememberLine(line, seen)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rememberLine adds the event of one line to seen. What somebody else wrote into the file is passed over.
func rememberLine(line string, seen *recent) {
	var e struct{ Source, ID, Revision string }
	if json.NewDecoder(strings.NewReader(line)).Decode(&e) == nil && e.ID != "" {
		seen.add(keyOf(e.Source, e.ID, e.Revision))
	}
}
