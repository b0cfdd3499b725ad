//go:build unix

package file

import (
	"os"
	"syscall"
)

// inodeOf returns the number by which a file is known under any name.
func inodeOf(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino
	}
	return 0
}

// hasName reports whether an open file can still be found in some folder.
func hasName(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Nlink > 0
}
