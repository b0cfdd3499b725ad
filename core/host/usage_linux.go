package host

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	tick = time.Second / 100 // USER_HZ, fixed at 100 for what the kernel shows to programs

	// Positions in /proc/<pid>/stat, counted after the name in parentheses, which may hold anything.
	statUser   = 11
	statSystem = 12
	statPages  = 21
)

func usageOf(pid int) (Usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Usage{}, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= statPages {
		return Usage{}, errors.New("/proc has an unknown format")
	}
	var n [3]int64
	for i, at := range []int{statUser, statSystem, statPages} {
		if n[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return Usage{}, err
		}
	}
	return Usage{RSS: n[2] * int64(os.Getpagesize()), CPU: time.Duration(n[0]+n[1]) * tick}, nil
}
