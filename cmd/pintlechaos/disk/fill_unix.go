//go:build unix

package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	ballast = "ballast"
	hoard   = "hoard"
)

// Fill takes the room under dir with a file, but for leave bytes. Empty gives it back.
func Fill(dir string, leave int64) error {
	f, err := os.OpenFile(filepath.Join(dir, ballast), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err != nil {
			return err
		}
		free := int64(st.Bavail)*int64(st.Bsize) - leave
		if free <= 0 {
			return nil
		}
		_, err := f.Write(make([]byte, min(free, 1<<20)))
		if errors.Is(err, syscall.ENOSPC) {
			return nil
		}
		if err == nil {
			err = f.Sync() // until then the file system may promise more than it has
		}
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			return err
		}
	}
}

// Empty removes what Fill and FillInodes put under dir.
func Empty(dir string) error {
	err := os.Remove(filepath.Join(dir, ballast))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(filepath.Join(dir, hoard)))
}

// FillInodes makes empty files until the file system under dir takes no more.
func FillInodes(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, hoard), 0o700); err != nil {
		return err
	}
	for i := 0; ; i++ {
		f, err := os.Create(filepath.Join(dir, hoard, fmt.Sprint(i)))
		if errors.Is(err, syscall.ENOSPC) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
}
