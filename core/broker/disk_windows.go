package broker

import "golang.org/x/sys/windows"

// diskOf returns what the file system under dir has left for this process.
func diskOf(dir string) (space, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return space{}, err
	}
	var f, t uint64
	if err := windows.GetDiskFreeSpaceEx(name, &f, &t, nil); err != nil {
		return space{}, err
	}
	return space{free: int64(f), total: int64(t), files: -1}, nil
}

// syncDir does nothing: Windows has no way to sync a directory.
func syncDir(string) error { return nil }
