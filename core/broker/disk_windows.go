package broker

import "golang.org/x/sys/windows"

// diskOf returns the bytes of the file system under dir, and those of them this process may still write.
func diskOf(dir string) (free, total int64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	var f, t uint64
	if err := windows.GetDiskFreeSpaceEx(name, &f, &t, nil); err != nil {
		return 0, 0, err
	}
	return int64(f), int64(t), nil
}

// syncDir does nothing: Windows has no way to sync a directory.
func syncDir(string) error { return nil }
