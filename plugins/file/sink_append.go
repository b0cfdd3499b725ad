package file

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// appender appends to a file so that each append is there whole, or not at all.
type appender struct {
	f    *os.File
	size int64 // what is known to be good; more than that is cut off by mend
	torn bool  // an append failed and could not be undone yet
}

// errLocked says that another process holds the file.
var errLocked = errors.New("another sink writes to it; give each sink a file of its own")

// openAppender opens the file at path, makes it if need be, and locks it. Personal data goes in: only its owner may read it.
func openAppender(path string) (*appender, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		if st, e := os.Stat(path); e == nil && !st.Mode().IsRegular() {
			return nil, errNoFile
		}
		return nil, err
	}
	a := &appender{f: f}
	if err := a.take(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return a, nil
}

func (a *appender) take(path string) error {
	st, err := a.f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return errNoFile
	}
	if err := lock(a.f); err != nil {
		return err
	}
	a.size = st.Size()
	return syncFolder(filepath.Dir(path))
}

// append writes b and returns when it is on the disk. After an error the file is as it was, or mend must make it so.
func (a *appender) append(b []byte) error {
	if err := a.mend(); err != nil {
		return err
	}
	_, err := a.f.Write(b)
	if err == nil {
		err = a.f.Sync()
	}
	if err != nil {
		a.torn = true
		_ = a.mend() // if this fails too, it is tried again before anything else is written
		return err
	}
	a.size += int64(len(b))
	return nil
}

// mend cuts off what a failed append left behind. No append happens before it succeeded.
func (a *appender) mend() error {
	if !a.torn {
		return nil
	}
	if err := a.f.Truncate(a.size); err != nil {
		return err
	}
	a.torn = false
	return nil
}

// cut makes the file end at size.
func (a *appender) cut(size int64) error {
	a.size, a.torn = size, true
	return a.mend()
}

// at reports whether the file is still the one at path, and takes note if somebody made it longer or shorter.
func (a *appender) at(path string) bool {
	here, err := a.f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	if err != nil || !os.SameFile(here, there) {
		return false
	}
	if !a.torn {
		a.size = here.Size()
	}
	return true
}

func (a *appender) close() error { return a.f.Close() }

// saveTorn moves what stands behind the last line break, which a crash left behind, to the file at path.
func saveTorn(a *appender, path string) error {
	end, err := lastBreak(a.f, a.size)
	if err != nil || end == a.size {
		return err
	}
	torn, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(torn, io.NewSectionReader(a.f, end, a.size-end))
	if err == nil {
		_, err = torn.Write([]byte{'\n'})
	}
	if err = errors.Join(err, torn.Sync(), torn.Close()); err != nil {
		return err
	}
	return a.cut(end)
}

// lastBreak returns the offset behind the last line break before size, 0 when there is none.
func lastBreak(r io.ReaderAt, size int64) (int64, error) {
	return breakBefore(r, size, 1)
}

// breakBefore returns the offset behind the nth line break from the end of what stands before size, or 0.
func breakBefore(r io.ReaderAt, size int64, n int) (int64, error) {
	block := make([]byte, 64<<10)
	for size > 0 {
		b := block[:min(size, int64(len(block)))]
		if _, err := r.ReadAt(b, size-int64(len(b))); err != nil && err != io.EOF {
			return 0, err
		}
		for i := bytes.LastIndexByte(b, '\n'); i >= 0; i = bytes.LastIndexByte(b[:i], '\n') {
			if n--; n == 0 {
				return size - int64(len(b)) + int64(i) + 1, nil
			}
		}
		size -= int64(len(b))
	}
	return 0, nil
}
