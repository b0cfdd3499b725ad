package file

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// rotate gives the file another name and begins a new one, if the configuration says that it is time.
func (s *fileSink) rotate() error {
	st, err := s.log.f.Stat()
	if err != nil {
		return err
	}
	day := st.ModTime().UTC().Format(time.DateOnly)
	switch {
	case st.Size() == 0:
		return nil
	case s.config.Rotate == "day" && day != time.Now().UTC().Format(time.DateOnly):
	case s.config.Rotate == "size" && st.Size() >= int64(s.config.MaxSize):
		day = ""
	default:
		return nil
	}
	if s.journal != nil { // its offsets are those of the old file
		if err := s.journal.rewrite(s.seen); err != nil {
			return err
		}
	}
	if err := s.closeLog(); err != nil {
		return err
	}
	if err := os.Rename(s.config.Path, freeName(s.config.Path, day)); err != nil {
		return err
	}
	return s.open()
}

// freeName returns a name for the old file at path that no file has: with the day, or with the next number.
func freeName(path, day string) string {
	stem, ext := split(path)
	if day == "" {
		for n := 1; ; n++ {
			if name := fmt.Sprintf("%s-%06d%s", stem, n, ext); !exists(name) {
				return name
			}
		}
	}
	name := stem + "-" + day + ext
	for n := 2; exists(name); n++ { // a clock was put back
		name = fmt.Sprintf("%s-%s-%d%s", stem, day, n, ext)
	}
	return name
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func split(path string) (stem, ext string) {
	ext = filepath.Ext(path)
	return strings.TrimSuffix(path, ext), ext
}

// lastRotated returns the file that path was rotated to last, or "".
func lastRotated(path string) string {
	stem, ext := split(path)
	ours := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(stem)) + `-(\d{6,}|\d{4}-\d\d-\d\d(-\d+)?)` + regexp.QuoteMeta(ext) + `$`)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	var last string
	var at time.Time
	for _, e := range entries {
		if !ours.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && !info.ModTime().Before(at) {
			last, at = filepath.Join(filepath.Dir(path), e.Name()), info.ModTime()
		}
	}
	return last
}
