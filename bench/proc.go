package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// cpuSeconds is what this process, and with children also those it has waited for, have used.
func cpuSeconds(children bool) float64 {
	who := []int{syscall.RUSAGE_SELF}
	if children {
		who = append(who, syscall.RUSAGE_CHILDREN)
	}
	var total float64
	for _, w := range who {
		var u syscall.Rusage
		if syscall.Getrusage(w, &u) == nil {
			total += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
		}
	}
	return total
}

// cpuOf is what a living process has used, to the hundredth of a second.
func cpuOf(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: unknown format", pid)
	}
	user, err := strconv.Atoi(string(fields[11]))
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(string(fields[12]))
	return float64(user+system) / 100, err // USER_HZ, fixed for what the kernel shows to programs
}

// memory is what a process holds now, and the most it has held, in MB.
func memory(pid int) (now, most float64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "VmRSS":
			now, err = megabytes(value)
		case "VmHWM":
			most, err = megabytes(value)
		}
		if err != nil {
			return 0, 0, err
		}
	}
	return now, most, nil
}

// megabytes reads "   1234 kB".
func megabytes(s string) (float64, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), " kB"))
	return float64(n) / 1024, err
}
