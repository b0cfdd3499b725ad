package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

const (
	// maxSocketPath is the shortest limit among the systems we know (macOS), without the closing zero.
	maxSocketPath = 103
	// socketTail is the longest path go-plugin adds: /plugin-dir4294967295/plugin4294967295.
	socketTail = 38
	lockName   = "hub.lock"
)

// runDir is the private folder of one host, with the sockets of its plugins. The lock in it is held as long as the hub
// lives, however it dies, so that the next hub knows which folders are rubbish.
type runDir struct {
	path string
	lock *os.File
}

// openRunDir makes a folder below parent, or below a fitting one of the system's, and sweeps it.
func openRunDir(parent string) (*runDir, error) {
	if parent != "" {
		return newRunDir(parent)
	}
	var errs []error
	for _, candidate := range defaultParents() {
		d, err := newRunDir(candidate)
		if err == nil {
			return d, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func defaultParents() []string {
	own := "pintle-" + strconv.Itoa(os.Getuid())
	parents := []string{filepath.Join(os.TempDir(), own), filepath.Join("/tmp", own)}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		parents = append([]string{filepath.Join(dir, "pintle")}, parents...)
	}
	return parents
}

func newRunDir(parent string) (*runDir, error) {
	parent, err := filepath.Abs(parent)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if err := ours(parent); err != nil {
		return nil, fmt.Errorf("run folder %s: %w", parent, err)
	}
	gate, err := lockFile(filepath.Join(parent, lockName), true) // one hub at a time sweeps and moves in
	if err != nil {
		return nil, fmt.Errorf("run folder %s: %w", parent, err)
	}
	defer gate.Close()
	sweep(parent)
	return makeRunDir(parent)
}

func makeRunDir(parent string) (*runDir, error) {
	path, err := os.MkdirTemp(parent, "")
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if len(path)+socketTail > maxSocketPath {
		_ = os.Remove(path)
		return nil, fmt.Errorf("run folder %s: the path is too long for sockets, choose one of at most %d bytes",
			parent, maxSocketPath-socketTail-len(path)+len(parent))
	}
	lock, err := lockFile(filepath.Join(path, lockName), false)
	if err != nil {
		_ = os.RemoveAll(path)
		return nil, fmt.Errorf("run folder: %w", err)
	}
	return &runDir{path: path, lock: lock}, nil
}

// sweep removes the folders of hubs that are dead and kills the plugins they orphaned. What it cannot remove stays.
func sweep(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		path := filepath.Join(parent, e.Name())
		lock, err := lockFile(filepath.Join(path, lockName), false)
		if err != nil {
			continue // its hub lives
		}
		killStrays(path)
		_ = os.RemoveAll(path)
		_ = lock.Close()
	}
}

func (d *runDir) close() error {
	killStrays(d.path)
	err := os.RemoveAll(d.path)
	return errors.Join(err, d.lock.Close())
}
