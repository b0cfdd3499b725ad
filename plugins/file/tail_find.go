package file

import (
	"cmp"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// find brings the list of files up to date: first those that are known, under whatever name, then the new ones, then those that
// no path leads to any more.
func (t *tail) find() error {
	found, err := t.glob()
	if err != nil {
		return err
	}
	var rest []foundFile
	for _, f := range t.files {
		f.claimed = false
	}
	for _, at := range found {
		if !t.claim(at) {
			rest = append(rest, at)
		}
	}
	var errs []error
	for _, at := range rest {
		errs = append(errs, t.adopt(at))
	}
	t.files = slices.DeleteFunc(t.files, func(f *tracked) bool { return !f.claimed && !t.retire(f) })
	slices.SortStableFunc(t.files, readingOrder)
	return errors.Join(errs...)
}

// readingOrder goes by name; what was rotated away comes before what took its place.
func readingOrder(a, b *tracked) int {
	switch {
	case a.Retired != b.Retired && a.Retired:
		return -1
	case a.Retired != b.Retired:
		return 1
	}
	return cmp.Or(strings.Compare(a.name(), b.name()), a.Gen-b.Gen)
}

// foundFile is a path of the pattern and what is there.
type foundFile struct {
	path string
	info os.FileInfo
}

// glob returns the plain files of the pattern. It is an error when there never was one.
func (t *tail) glob() ([]foundFile, error) {
	paths, err := filepath.Glob(t.config.Path)
	if _, statErr := os.Stat(t.config.Path); statErr == nil {
		paths = []string{t.config.Path} // also when it looks like a pattern
	}
	var found []foundFile
	for _, path := range paths {
		info, statErr := os.Stat(path)
		if statErr == nil && info.Mode().IsRegular() {
			found = append(found, foundFile{path, info})
		}
	}
	if err != nil || len(found) > 0 || len(t.files) > 0 {
		return found, err
	}
	folder, _ := os.Getwd()
	return nil, sdk.Errorf(sdk.NotFound, "path %q matches no file (relative paths begin at %s)", t.config.Path, folder)
}

// claim finds the file among those that are known by what it is, not by its name.
func (t *tail) claim(at foundFile) bool {
	inode := inodeOf(at.info)
	for _, samePath := range []bool{true, false} { // most files stay where they are
		for _, f := range t.files {
			if samePath != (f.Path == at.path) || f.Inode != inode || !f.is(at) {
				continue
			}
			if f.claimed {
				return true // a second name of the same file
			}
			f.claimed, f.Retired = true, false
			f.move(at.path)
			return true
		}
	}
	return false
}

// is reports whether what is at path is the file that f knows.
func (f *tracked) is(at foundFile) bool {
	if f.f != nil {
		info, err := f.f.Stat()
		return err == nil && os.SameFile(info, at.info)
	}
	return f.Inode != 0 && f.Inode == inodeOf(at.info) && f.open(at)
}

// open opens the file for f if it holds what f has read.
func (f *tracked) open(at foundFile) bool {
	file, err := at.open()
	if err != nil {
		return false
	}
	if !f.verify(file) {
		_ = file.Close()
		return false
	}
	f.close()
	f.f, f.seen = file, nil
	return true
}

// open opens what was found, or nothing: in the meantime another file may have come to its path.
func (at foundFile) open() (*os.File, error) {
	file, err := os.Open(at.path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !os.SameFile(info, at.info) {
		_ = file.Close()
		return nil, fs.ErrNotExist
	}
	return file, nil
}

// adopt takes on a file that is not known. It may be a copy of the one that was at its path, with more at the end: then
// reading goes on. Otherwise it is a new generation.
func (t *tail) adopt(at foundFile) error {
	for _, f := range t.files {
		if f.claimed || f.Retired || f.Path != at.path || t.config.Follow && f.elsewhere() {
			continue
		}
		if f.open(at) {
			f.claimed, f.Inode = true, inodeOf(at.info)
			return nil
		}
	}
	file, err := at.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // gone again; the next pass finds what came instead
	}
	if err != nil {
		return openError(at.path, err)
	}
	f := &tracked{mark: mark{Path: at.path, Gen: t.generation(at.path), Inode: inodeOf(at.info)}, f: file, claimed: true}
	if f.Gen > 0 {
		slog.Info("another file has taken the place of one that was read", "path", at.path, "generation", f.Gen)
	}
	t.files = append(t.files, f)
	return nil
}

func openError(path string, err error) error {
	code := sdk.Unavailable
	if errors.Is(err, fs.ErrPermission) {
		code = sdk.Denied
	}
	return sdk.Errorf(code, "read %s: %w", path, err)
}

// generation returns a number that no known file of that name has.
func (t *tail) generation(name string) int {
	gen := 0
	for _, f := range t.files {
		if f.name() == name {
			gen = max(gen, f.Gen+1)
		}
	}
	return gen
}

// retire keeps a file that no path of the pattern leads to, as long as it can be read: by the open file, or under the name it
// was given in its folder. It reports false when the file is lost.
func (t *tail) retire(f *tracked) bool {
	f.Retired = true
	if f.f != nil {
		return true
	}
	if f.elsewhere() {
		return true
	}
	slog.Info("a file that was read is gone; what was appended to it since, if anything, cannot be read", "path", f.Path,
		"offset", f.Offset)
	return false
}

// elsewhere reports whether the file was renamed, and opens it if it was not open.
func (f *tracked) elsewhere() bool {
	if f.f != nil {
		info, err := f.f.Stat()
		return err == nil && hasName(info)
	}
	folder := filepath.Dir(f.Path)
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && f.is(foundFile{filepath.Join(folder, e.Name()), info}) {
			return true
		}
	}
	return false
}
