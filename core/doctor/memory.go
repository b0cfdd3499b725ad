package doctor

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// unlimited is what cgroups of the first kind write when there is no limit, or more.
const unlimited = 1 << 60

// memoryLimit returns the smallest limit that the control groups of this process set, or what the machine has. 0 means unknown.
func memoryLimit() (limit int64, from string) {
	limit, from = machineMemory(), "the machine"
	for _, path := range groupFiles() {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && n < unlimited && (limit == 0 || n < limit) {
			limit, from = n, "the control group ("+path+")"
		}
	}
	return limit, from
}

// groupFiles lists where limits of our group and of those above may stand, in both kinds of cgroups.
func groupFiles() []string {
	files := []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return files
	}
	for line := range strings.Lines(string(text)) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) != 3 {
			continue
		}
		for dir := part[2]; dir != "/" && dir != "." && dir != ""; dir = filepath.Dir(dir) {
			switch part[1] {
			case "":
				files = append(files, filepath.Join("/sys/fs/cgroup", dir, "memory.max"))
			case "memory":
				files = append(files, filepath.Join("/sys/fs/cgroup/memory", dir, "memory.limit_in_bytes"))
			}
		}
	}
	return files
}

// machineMemory is how much the machine has, 0 when unknown.
func machineMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			n, _ := strconv.ParseInt(fields[1], 10, 64) // 0 is unknown
			return n << 10
		}
	}
	return 0
}
