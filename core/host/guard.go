package host

import (
	"fmt"
	"time"
)

const (
	guardEvery = time.Second
	// guardShare bounds what the looks cost: where many processes make one take long, the next waits so many times as long, but
	// no longer than guardMost.
	guardShare = 300
	guardMost  = 4 * time.Second
	// defaultMemory and maxProcesses are what a plugin may hold together with its children.
	defaultMemory = 2 << 30
	maxProcesses  = 256
)

// holding is what a process group holds.
type holding struct {
	memory    int64 // bytes of its own, without what it shares with others or with files
	processes int
}

// guard looks every second, or less often where that costs much, at what each plugin holds together with the children in its process group, and kills who holds too
// much: one plugin must not take the machine's memory or processes from the others. It runs until Close.
func (h *Host) guard() {
	defer close(h.unguarded)
	wait := time.NewTimer(guardEvery)
	defer wait.Stop()
	for {
		select {
		case <-h.closing:
			return
		case <-wait.C:
			began := time.Now()
			h.look()
			wait.Reset(min(max(guardEvery, guardShare*time.Since(began)), guardMost))
		}
	}
}

func (h *Host) look() {
	h.mu.Lock()
	watched := make([]*Process, 0, len(h.processes))
	for p := range h.processes {
		watched = append(watched, p)
	}
	h.mu.Unlock()
	if len(watched) == 0 {
		return
	}
	groups := make(map[int]*holding, len(watched))
	for _, p := range watched {
		if pid := p.Pid(); pid != 0 {
			groups[pid] = &holding{} // the plugin leads its group
		}
	}
	weigh(groups)
	for _, p := range watched {
		if g := groups[p.Pid()]; g != nil {
			p.judge(*g)
		}
	}
}

// judge kills a plugin that holds too much. // promise 5
func (p *Process) judge(g holding) {
	switch limit := p.program.memory(); {
	case g.memory > limit:
		p.KillFor(fmt.Sprintf("it held %d MiB of memory, at most %d are allowed (memory in its plugin block)", g.memory>>20, limit>>20))
	case g.processes > maxProcesses:
		p.KillFor(fmt.Sprintf("it ran %d processes, at most %d are allowed", g.processes, maxProcesses))
	}
}

// memory is the most that the program may hold with its children, in bytes.
func (p Program) memory() int64 {
	if p.MemoryLimit > 0 {
		return p.MemoryLimit
	}
	return defaultMemory
}
