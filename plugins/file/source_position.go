package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// fingerprintSize is how many bytes from the beginning of a file, and how many before the place reached in it, must be what
// they were for the file to be the same one.
const fingerprintSize = 1024

// mark is the place reached in one file, as the position keeps it.
type mark struct {
	// Path is where the file was seen last. Name is where it was first seen, when that is another; with Gen, which tells it
	// from earlier files of that name, it is part of the ids of entries that have none of their own.
	Path string `json:"path"`
	Name string `json:"name,omitempty"`
	Gen  int    `json:"gen,omitempty"`
	// Inode finds the file again when it was renamed; 0 where the system has none.
	Inode uint64 `json:"inode,omitempty"`
	// Offset and Line count the bytes and lines that were read. Head and Tail are hashes of the first of them and the last.
	Offset int64  `json:"offset"`
	Line   int64  `json:"line"`
	Head   string `json:"head,omitempty"`
	Tail   string `json:"tail,omitempty"`
	// Retired tells that another file is now at Path.
	Retired bool `json:"retired,omitempty"`
}

type position struct {
	Version int     `json:"v"`
	Files   []*mark `json:"files"`
}

func parsePosition(from sdk.Position) ([]*mark, error) {
	if len(from) == 0 {
		return nil, nil
	}
	var p position
	if err := json.Unmarshal(from, &p); err != nil || p.Version != 1 {
		return nil, sdk.Errorf(sdk.Invalid, "the position was not written by this version of source \"file\"")
	}
	for i, m := range p.Files {
		if !m.possible() {
			return nil, sdk.Errorf(sdk.Invalid, "the position is damaged: the place of file %d of %d in it cannot be; give the source "+
				"another name to read all from the beginning", i+1, len(p.Files))
		}
	}
	return p.Files, nil
}

// maxPlace is more than any file has bytes, lines or generations, and far from where counting on would overflow.
const maxPlace = 1 << 62

// possible reports whether a source can have written m. A position comes from outside: it may be another's, or damaged.
func (m *mark) possible() bool {
	return m != nil && m.Path != "" && within(m.Offset) && within(m.Line) && within(int64(m.Gen))
}

func within(n int64) bool { return n >= 0 && n <= maxPlace }

// encodePosition returns the position of the files.
func encodePosition(files []*tracked) (sdk.Position, error) {
	p := position{Version: 1, Files: make([]*mark, 0, len(files))}
	for _, f := range files {
		p.Files = append(p.Files, &f.mark)
	}
	b, err := json.Marshal(p)
	if err == nil && len(b) > sdk.MaxPosition {
		err = sdk.Errorf(sdk.Invalid, "a position cannot hold the places in %d files; narrow the pattern of path, move away the "+
			"files that were read, or use several sources", len(files))
	}
	return b, err
}

// name is the first path under which the file was known.
func (m *mark) name() string {
	if m.Name != "" {
		return m.Name
	}
	return m.Path
}

// move notes that the file is now at path.
func (m *mark) move(path string) {
	if m.Name = m.name(); m.Name == path {
		m.Name = ""
	}
	m.Path = path
}

// verify reports whether src still begins with, and still has before m.Offset, what was read from it.
func (m *mark) verify(src io.ReaderAt) bool {
	if m.Offset == 0 {
		return true
	}
	size := min(m.Offset, fingerprintSize)
	return fingerprint(readBefore(src, size)) == m.Head && fingerprint(readBefore(src, m.Offset)) == m.Tail
}

// seal takes the fingerprint of what was read: before is the end of it, src the file, sealed the offset of the last time.
func (m *mark) seal(src io.ReaderAt, before []byte, sealed int64) {
	m.Tail = fingerprint(before)
	switch {
	case m.Offset <= fingerprintSize:
		m.Head = m.Tail // all of it
	case sealed < fingerprintSize:
		m.Head = fingerprint(readBefore(src, fingerprintSize))
	}
}

// readBefore returns the bytes of src that end at offset, as many as a fingerprint takes; fewer when src is shorter.
func readBefore(src io.ReaderAt, offset int64) []byte {
	from := max(0, offset-fingerprintSize)
	b := make([]byte, offset-from)
	n, _ := src.ReadAt(b, from)
	return b[:n]
}

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// place is where an entry stands.
type place struct {
	file     *tracked
	at, line int64
}

// id names the entry at the place: file, offset and, because a file may be written anew, a checksum of its bytes.
func (p place) id(raw []byte) string {
	b := make([]byte, 0, 64)
	b = append(b, strings.ToValidUTF8(filepath.ToSlash(p.file.name()), "\uFFFD")...) // on some systems a name is any bytes
	if p.file.Gen > 0 {
		b = strconv.AppendInt(append(b, '#'), int64(p.file.Gen), 10)
	}
	b = strconv.AppendInt(append(b, ':'), p.at, 10)
	b = strconv.AppendUint(append(b, '-'), uint64(crc32.ChecksumIEEE(raw)), 16)
	return string(b)
}

// isUTF16 reports whether a file begins like UTF-16, in which no line could be read.
func isUTF16(src io.ReaderAt) bool {
	var b [2]byte
	n, _ := src.ReadAt(b[:], 0)
	return n == 2 && (bytes.Equal(b[:], []byte{0xff, 0xfe}) || bytes.Equal(b[:], []byte{0xfe, 0xff}))
}
