package host

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// weigh adds to each group, by the pid of its leader, what its processes hold.
func weigh(groups map[int]*holding) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range all {
		if e.Name()[0] < '0' || e.Name()[0] > '9' {
			continue
		}
		dir := filepath.Join("/proc", e.Name())
		if g := groups[groupOf(dir)]; g != nil {
			g.processes++
			g.memory += ownMemory(dir)
		}
	}
}

// groupOf reads the process group of a process; 0 once it is gone.
func groupOf(dir string) int {
	text, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 3 {
		return 0
	}
	pgid, _ := strconv.Atoi(string(fields[2]))
	return pgid
}

// ownMemory reads how much memory a process shares with no file and no other process.
func ownMemory(dir string) int64 {
	text, err := os.ReadFile(dir + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 3 {
		return 0
	}
	resident, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	shared, _ := strconv.ParseInt(string(fields[2]), 10, 64)
	return (resident - shared) * int64(os.Getpagesize())
}

// capMemory sets the kernel's own limit for one process, above the guard's: between two looks it stops who takes memory by the gigabyte.
// It counts what is reserved for writing, which is more than what is held.
func capMemory(pid int, limit int64) {
	most := uint64(3*limit + 1<<30)                                                  // the race detector alone reserves four times what a program holds
	_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: most, Max: most}, nil) // failing is no reason not to run it
}
