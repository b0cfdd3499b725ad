//go:build unix

package broker

import (
	"os"
	"syscall"
)

// diskOf returns what the file system under dir has left for this process.
func diskOf(dir string) (space, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return space{}, err
	}
	s := space{free: int64(st.Bavail) * int64(st.Bsize), total: int64(st.Blocks) * int64(st.Bsize), files: int64(st.Ffree)}
	if st.Files == 0 { // made as they are needed
		s.files = -1
	}
	return s, nil
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
