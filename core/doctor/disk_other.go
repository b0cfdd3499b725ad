//go:build !linux

package doctor

import "errors"

func volumeOf(string) (volume, error) {
	return volume{}, errors.New("this system is not asked about its file systems yet")
}
