package broker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const lockName = "pintle.lock"

// dirLock holds a data directory for this process. A nil dirLock holds nothing.
type dirLock struct{ file *os.File }

// lockDir takes the directory or says who has it. The file stays when the lock is released: removing it would let two
// processes lock two different files of the same name.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if flock(f) != nil {
		defer f.Close()
		return nil, fmt.Errorf("%w: %s is in use by another pintle (pid %s); stop it or set another data_dir", ErrLocked,
			dir, holder(f))
	}
	if err := writeHolder(f); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data directory: %w", err), f.Close())
	}
	return &dirLock{file: f}, nil
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(f, "%d\n", os.Getpid())
	return err
}

func holder(f *os.File) string {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}

func (l *dirLock) release() error {
	if l == nil {
		return nil
	}
	funlock(l.file) // a process that is being started at this moment may still hold a copy of the file
	return l.file.Close()
}

// Holder says whether a hub, or a command that reads the log by itself, holds the data directory now, and which process. It
// is for diagnosis: a moment later it may be different.
func Holder(dir string) (pid string, held bool, err error) {
	f, err := os.Open(filepath.Join(dir, lockName))
	if errors.Is(err, os.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look at the lock: %w", err)
	}
	defer f.Close()
	if shared(f) == nil {
		funlock(f)
		return "", false, nil
	}
	return holder(f), true, nil
}
