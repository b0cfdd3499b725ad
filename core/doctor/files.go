package doctor

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// stored is how much the embedded log holds on disk now.
func stored(dir string) int64 {
	var n int64
	logFiles(dir, func(info fs.FileInfo) { n += info.Size() })
	return n
}

// written is when the embedded log was written to last; zero when never.
func written(dir string) time.Time {
	var newest time.Time
	logFiles(dir, func(info fs.FileInfo) {
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	})
	return newest
}

func logFiles(dir string, see func(fs.FileInfo)) {
	seen := 0
	_ = filepath.WalkDir(filepath.Join(dir, "jetstream"), func(_ string, d fs.DirEntry, err error) error {
		if seen++; seen > mostFiles {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return nil // what is not there counts nothing
		}
		if info, err := d.Info(); err == nil {
			see(info)
		}
		return nil
	})
}

// bytes writes a size for a person.
func bytes(n int64) string {
	f, unit := float64(n), "B"
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if f < 1024 {
			break
		}
		f, unit = f/1024, larger
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, unit)
}
