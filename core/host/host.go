package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Config says how a Host treats its plugins. The zero value works.
type Config struct {
	// Logger receives the plugins' logs, each under its plugin's name. Nil means they are thrown away.
	Logger hclog.Logger
	// RunDir is the folder under which the host makes its own private one for sockets. It must be short: a socket's path
	// has room for about 100 bytes. Empty means $XDG_RUNTIME_DIR/pintle or a folder in the system's temporary one.
	RunDir string
	// StartTimeout is how long a plugin may take until it answers. Zero means 15 s.
	StartTimeout time.Duration
	// StopTimeout is how long a plugin may take to go when asked, before it is killed. Zero means 5 s.
	StopTimeout time.Duration
	// LogRate is how many log lines a second one plugin may write in the long run; a line counts once for every 256 bytes.
	// What is above is dropped and counted. Zero means 200.
	LogRate int
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = 15 * time.Second
	}
	if c.StopTimeout <= 0 {
		c.StopTimeout = 5 * time.Second
	}
	if c.LogRate <= 0 {
		c.LogRate = 200
	}
	return c
}

// Host owns the plugin processes of one hub. Its methods may be called from any goroutine.
type Host struct {
	config  Config
	dir     *runDir
	spawner *spawner

	closing, unguarded chan struct{} // closed by Close, and by guard when it has ended

	mu        sync.Mutex
	closed    bool
	processes map[*Process]bool
}

// ErrClosed is what Start answers once Close was called.
var ErrClosed = errors.New("plugin host is closed")

// New makes a Host: it creates its run folder, and clears away what hubs that were killed left in the same place, orphaned
// plugins included.
func New(c Config) (*Host, error) {
	c = c.withDefaults()
	dir, err := openRunDir(c.RunDir)
	if err != nil {
		return nil, err
	}
	h := &Host{config: c, dir: dir, spawner: newSpawner(), processes: map[*Process]bool{}, closing: make(chan struct{}), unguarded: make(chan struct{})}
	go h.guard()
	return h, nil
}

// Start runs a program and returns once it answers over gRPC. It gives up, and leaves nothing behind, when ctx ends or
// Config.StartTimeout has passed; the error then holds how the program ended and its last words.
func (h *Host) Start(ctx context.Context, p Program) (*Process, error) {
	if err := errors.Join(p.check(), p.verify()); err != nil {
		return nil, fmt.Errorf("start plugin %q: %w", p.Name, err)
	}
	process := newProcess(h, p)
	if !h.adopt(process) {
		return nil, ErrClosed
	}
	go process.watch()
	if err := process.launch(ctx); err != nil {
		return nil, fmt.Errorf("start plugin %q: %w", p.Name, err)
	}
	return process, nil
}

func (h *Host) adopt(p *Process) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.processes[p] = true
	return true
}

func (h *Host) forget(p *Process) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.processes, p)
}

// Close kills every plugin that is left, waits for their ends (at most Config.StopTimeout) and removes the run folder.
// To let plugins finish their work, stop each before. A second call does nothing.
func (h *Host) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	left := make([]*Process, 0, len(h.processes))
	for p := range h.processes {
		left = append(left, p)
	}
	h.mu.Unlock()
	close(h.closing)
	<-h.unguarded

	var errs []error
	for _, p := range left {
		p.Kill()
	}
	late := time.After(h.config.StopTimeout)
	for _, p := range left {
		select {
		case <-p.cleaned:
		case <-late:
			errs = append(errs, fmt.Errorf("plugin %q (pid %d) survived its kill", p.program.Name, p.Pid()))
			late = time.After(0)
		}
	}
	h.spawner.close()
	return errors.Join(append(errs, h.dir.close())...)
}
