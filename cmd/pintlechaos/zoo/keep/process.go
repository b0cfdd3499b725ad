package keep

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// process is the running hub.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	peak atomic.Int64  // of its memory
}

// start runs the hub and returns once it answers.
func (s *Show) start(ctx context.Context) (*process, error) {
	log, err := os.OpenFile(filepath.Join(s.Dir, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &process{cmd: exec.Command(s.Hub, "run", s.Dir), done: make(chan struct{})}
	p.cmd.Stderr, p.cmd.Stdout = log, log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	go p.weigh()
	err = s.waitUntil(ctx, time.Minute, "the hub answers", func(hub.Status) string { return "" })
	if err != nil {
		p.end()
	}
	return p, err
}

// weigh notes the most memory that the hub holds.
func (p *process) weigh() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
			p.peak.Store(max(p.peak.Load(), p.rss()))
		}
	}
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// rss and cpu read /proc; 0 where there is none.
func (p *process) rss() int64 {
	return p.stat(21) * int64(os.Getpagesize())
}

func (p *process) cpu() time.Duration {
	return time.Duration(p.stat(11)+p.stat(12)) * time.Second / 100
}

func (p *process) stat(field int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	n, _ := strconv.ParseInt(fields[field], 10, 64)
	return n
}

// stop asks the hub to end; false when it had to be killed.
func (p *process) stop(limit time.Duration) bool {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return true
	case <-time.After(limit):
		p.end()
		return false
	}
}

func (p *process) end() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// status asks the hub how it is doing.
func (s *Show) status(ctx context.Context) (hub.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return web.NewClient(filepath.Join(s.Dir, "data")).Status(ctx)
}

// waitUntil polls until wrong says nothing of the hub's status.
func (s *Show) waitUntil(ctx context.Context, limit time.Duration, what string, wrong func(hub.Status) string) error {
	said := ""
	for end := time.Now().Add(limit); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		st, err := s.status(ctx)
		if err != nil {
			said = err.Error()
			continue
		}
		if said = wrong(st); said == "" {
			return nil
		}
	}
	return fmt.Errorf("waited %s until %s: %s", limit, what, said)
}

// orphans are processes of this show that are left.
func (s *Show) orphans() (list []string) {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if list = s.left(); len(list) == 0 {
			return nil
		}
	}
	return list
}

func (s *Show) left() (list []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		line, _ := os.ReadFile(path)
		env, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		if bytes.Contains(line, []byte(s.Dir)) || bytes.Contains(env, []byte("ZOO_DIR="+s.Dir)) {
			list = append(list, strings.ReplaceAll(filepath.Base(filepath.Dir(path))+" "+string(line), "\x00", " "))
		}
	}
	return list
}
