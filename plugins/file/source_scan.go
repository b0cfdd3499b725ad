package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	scanStep = 128 << 10 // bytes a read asks for
	keepRaw  = 64 << 10  // bytes that are kept of an entry that is too long: as much as a rejection holds
)

// splitter finds the first entry of data: the bytes it takes with its line end, 0 where more data are needed. last tells that
// there are no more. A fault says why the entry cannot be read.
type splitter func(data []byte, last bool) (n int, fault string)

// entry is one line, or one row of a table, that a scanner found.
type entry struct {
	raw     []byte // without its line end; valid until the scanner's next call
	at, end int64  // its bytes in the file
	lines   int64  // how many lines it takes
	fault   string // why it cannot be read, if it cannot
}

// scanner cuts a file into entries. However long an entry is, a scanner holds little more than max bytes of it.
type scanner struct {
	src   io.ReaderAt
	split splitter
	max   int

	at    int64  // of buf[0] in the file
	buf   []byte // what was read; the last fingerprintSize bytes before start stay, for the fingerprint
	start int    // of the next entry in buf
	eof   bool
}

// reset points the scanner at offset of src. before holds the bytes that end at offset.
func (s *scanner) reset(src io.ReaderAt, offset int64, before []byte) {
	s.src, s.eof = src, false
	s.at, s.start = offset-int64(len(before)), len(before)
	s.buf = append(s.buf[:0], before...)
}

// next returns the next entry, or false when the file has no whole one. final tells that the file will not grow: then its end
// is also the end of an entry.
func (s *scanner) next(final bool) (entry, bool, error) {
	for {
		data := s.buf[s.start:]
		if len(data) > 0 {
			if n, fault := s.split(data, s.eof && final); n > 0 {
				return s.take(n, fault), true, nil
			}
		}
		switch {
		case len(data) > s.max:
			return s.tooLong(final)
		case s.eof:
			return entry{}, false, nil
		}
		if err := s.fill(); err != nil {
			return entry{}, false, err
		}
	}
}

func (s *scanner) take(n int, fault string) entry {
	data := s.buf[s.start : s.start+n]
	e := entry{raw: trimLineEnd(data), at: s.offset(), end: s.offset() + int64(n), fault: fault}
	e.lines = int64(bytes.Count(data, []byte{'\n'}))
	if data[n-1] != '\n' {
		e.lines++
	}
	if len(e.raw) > s.max && fault == "" {
		e.fault = s.longFault(int64(len(e.raw)))
	}
	s.start += n
	return e
}

func (s *scanner) longFault(n int64) string {
	return fmt.Sprintf("it has %d bytes; max_line allows %d", n, s.max)
}

// tooLong gives up an entry that has no end within max bytes. A row of a table is given up to the end of its first line: a
// quote that is never closed must not take the rest of the file with it.
func (s *scanner) tooLong(final bool) (entry, bool, error) {
	data := s.buf[s.start:]
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return s.take(i+1, fmt.Sprintf("its row has no end within %d bytes (max_line); is a quote not closed?", s.max)), true, nil
	}
	e := entry{raw: bytes.Clone(data[:min(len(data), keepRaw)]), at: s.offset(), lines: 1}
	for {
		if i := bytes.IndexByte(s.buf[s.start:], '\n'); i >= 0 {
			s.start += i + 1
			break
		}
		s.start = len(s.buf)
		if s.eof && !final {
			return entry{}, false, nil
		}
		if s.eof {
			break
		}
		if err := s.fill(); err != nil {
			return entry{}, false, err
		}
	}
	e.end = s.offset()
	e.fault = s.longFault(e.end - e.at)
	return e, true, nil
}

// fill reads more, after it has made room.
func (s *scanner) fill() error {
	if drop := s.start - fingerprintSize; drop > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[drop:])]
		s.at, s.start = s.at+int64(drop), fingerprintSize
	}
	n := len(s.buf)
	s.buf = slices.Grow(s.buf, scanStep)
	read, err := s.src.ReadAt(s.buf[n:n+scanStep], s.at+int64(n))
	s.buf = s.buf[:n+read]
	s.eof = errors.Is(err, io.EOF)
	if s.at == 0 && n == 0 && bytes.HasPrefix(s.buf, []byte(bom)) {
		s.start = len(bom)
	}
	if err != nil && !s.eof {
		return err
	}
	return nil
}

// bom is what some programs write before UTF-8.
const bom = "\xef\xbb\xbf"

// offset is where the next entry begins.
func (s *scanner) offset() int64 { return s.at + int64(s.start) }

// before returns the last bytes that were taken, for the fingerprint.
func (s *scanner) before() []byte { return s.buf[max(0, s.start-fingerprintSize):s.start] }

func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	return bytes.TrimSuffix(b, []byte{'\r'})
}
