package file

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pintle-hub/pintle/sdk"
)

// maxJournal is the size at which a journal is written anew, with only what is remembered.
const maxJournal = 8 << 20

// journal remembers which events are in a file whose lines do not tell. Before lines are written, it notes for each event
// where its line will end; if the file is at least that long after a crash, the line is there. Each note is a line with the
// offset and the key.
type journal struct {
	path   string
	log    *appender
	before int64 // size before the last notes
}

// openJournal reads the journal at path, adds to seen what is in a file of size bytes, and forgets the rest: the file may grow
// over it with other lines.
func openJournal(path string, size int64, seen *recent) (*journal, error) {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, sdk.Errorf(sdk.Unavailable, "read %s: %w", path, err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var end int64
		var text string
		if n, _ := fmt.Sscan(lines.Text(), &end, &text); n != 2 || end > size {
			continue
		}
		if sum, err := hex.DecodeString(text); err == nil && len(sum) == len(key{}) {
			seen.add(key(sum))
		}
	}
	j := &journal{path: path}
	if err := j.rewrite(seen); err != nil {
		return nil, sdk.Errorf(sdk.Unavailable, "write %s: %w", path, err)
	}
	return j, nil
}

// rewrite replaces the journal by one that says only: these events are written, wherever that is.
func (j *journal) rewrite(seen *recent) error {
	var b []byte
	for _, k := range seen.all() {
		b = fmt.Appendf(b, "0 %x\n", k[:])
	}
	next, err := replaceFile(j.path, b)
	if err != nil {
		return err
	}
	old := j.log
	j.log = next
	if old == nil {
		return nil
	}
	return old.close()
}

// replaceFile puts a file with the content b at path, in one step, and opens it.
func replaceFile(path string, b []byte) (*appender, error) {
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	a, err := openAppender(path + ".new")
	if err != nil {
		return nil, err
	}
	if err := a.append(b); err != nil {
		return nil, errors.Join(err, a.close())
	}
	if err := errors.Join(os.Rename(path+".new", path), syncFolder(filepath.Dir(path))); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// intend notes that the lines of keys will end at ends, counted from start. seen holds all that is written.
func (j *journal) intend(start int64, keys []key, ends []int, seen *recent) error {
	var b []byte
	for i, k := range keys {
		b = fmt.Appendf(b, "%d %x\n", start+int64(ends[i]), k[:])
	}
	if j.log.size > maxJournal {
		if err := j.rewrite(seen); err != nil {
			return err
		}
	}
	j.before = j.log.size
	return j.log.append(b)
}

// revoke takes back the last notes, because their lines were not written. If that fails now, nothing is noted before it
// succeeded.
func (j *journal) revoke() { _ = j.log.cut(j.before) }

func (j *journal) close() error { return j.log.close() }
