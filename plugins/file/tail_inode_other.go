//go:build !unix

package file

import "os"

// inodeOf returns 0: a file is known by its name and its contents only.
func inodeOf(os.FileInfo) uint64 { return 0 }

// hasName supposes that a file which is open still has its name, as it must where there are no inodes.
func hasName(os.FileInfo) bool { return true }
