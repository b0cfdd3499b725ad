//go:build !linux

package host

import "errors"

func usageOf(int) (Usage, error) { return Usage{}, errors.New("not known on this system") }
