package rig

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// Proc is a process of the machine.
type Proc struct {
	Pid     int
	Command string
}

// Orphans lists the living processes that work in this run's folder and are neither the ledger nor a hub nor below one. It
// knows them on Linux only.
func (e *Env) Orphans() ([]Proc, error) {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return nil, err
	}
	mine := map[int]bool{os.Getpid(): true}
	for _, h := range e.hubs {
		if h.Running() {
			mine[h.Pid()] = true
		}
	}
	var out []Proc
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(cwd+"/", e.Dir+"/") { // a dead one has no folder
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if !mine[pid] && !mine[parent(pid)] {
			out = append(out, Proc{pid, command(pid)})
		}
	}
	return out, nil
}

func command(pid int) string {
	b, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	return strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", " "))
}

// parent reads the parent from /proc/PID/stat, 0 when there is none.
func parent(pid int) int {
	b, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	ppid, _ := strconv.Atoi(fields[1])
	return ppid
}

// Usage returns what the process uses now; ok is false when it is gone or the system does not tell.
func Usage(pid int) (s ledger.Sample, ok bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return s, false
	}
	for _, line := range strings.Split(string(status), "\n") {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			s.Resident = int64(n) << 10
		case "Threads":
			s.Threads = n
		}
	}
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	s.Files = len(files)
	s.Children = len(children(pid))
	return s, err == nil
}

// children lists the processes that a process has started.
func children(pid int) (list []int) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range all {
		if n, err := strconv.Atoi(filepath.Base(dir)); err == nil && parent(n) == pid {
			list = append(list, n)
		}
	}
	return list
}

// Sample notes what the first hub uses now. Called at the same point of each cycle, it lets the leak checker see growth.
func (e *Env) Sample() error {
	s, ok := Usage(e.Hub0.Pid())
	if !ok {
		return nil
	}
	s.Goroutines = e.Hub0.goroutines()
	return e.Ledger.Note(ledger.Record{Kind: ledger.Sampled, Who: e.Hub0.Name, Usage: &s})
}

// goroutines asks the hub how many it has, 0 when it does not tell.
func (h *Hub) goroutines() int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	text, err := h.client.Figures(ctx)
	_, rest, found := strings.Cut(text, "\ngo_goroutines ")
	if err != nil || !found {
		return 0
	}
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.Atoi(line)
	return n
}

// kill ends a process at once. One that is gone already is what was wanted.
func kill(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
