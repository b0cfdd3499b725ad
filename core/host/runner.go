package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// runner is the process under go-plugin: it implements go-plugin's runner.Runner. go-plugin sees only two pipes of ours: on
// one the handshake line, on the other nothing, so that neither noise nor logs nor a grandchild that holds the real ones
// can reach it.
type runner struct {
	host      *Host
	program   Program
	cmd       *exec.Cmd
	sink      *sink
	handshake *pipe // what go-plugin takes for stdout
	empty     *pipe // what go-plugin takes for stderr
	done      chan struct{}
	exit      Exit // written before done is closed

	mu      sync.Mutex
	state   state
	killed  bool // by us
	why     string
	pid     int
	started time.Time
	sockets string // go-plugin's folder for this process
}

type state int

const (
	fresh state = iota
	starting
	running
	reaped // its pid may belong to another process: never signal it
)

func newRunner(h *Host, p Program) *runner {
	return &runner{
		host: h, program: p,
		sink:      newSink(h.config.Logger.Named(p.Name), h.config.LogRate),
		handshake: newPipe(), empty: newPipe(),
		done: make(chan struct{}),
	}
}

// prepare is called by go-plugin, through RunnerFunc, with the environment it negotiates by and the folder for sockets.
func (r *runner) prepare(negotiated []string, sockets string) {
	cmd := exec.Command(r.program.Path, r.program.Args...)
	if self, err := os.Executable(); err == nil && r.program.Path == ownProgram {
		cmd.Args[0] = self // in lists of processes
	}
	cmd.Env = r.program.environment(threshold(r.host.config.Logger), negotiated)
	cmd.Dir = r.program.Dir
	if cmd.Dir == "" {
		cmd.Dir = r.host.dir.path
	}
	if r.program.Stdout != nil {
		cmd.ExtraFiles = []*os.File{r.program.Stdout}
	}
	cmd.SysProcAttr = processAttributes()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cmd, r.sockets = cmd, sockets
}

var (
	errKilledEarly = errors.New("killed before it was started")
	errEnded       = errors.New("the process has ended")
)

// Start runs the program. An error is also the runner's Exit.
func (r *runner) Start(context.Context) error {
	r.mu.Lock()
	if r.state != fresh {
		r.mu.Unlock()
		return errKilledEarly
	}
	r.state = starting
	r.mu.Unlock()

	ends, err := newStdio()
	if err == nil {
		err = r.spawn(ends)
	}
	if err != nil {
		ends.close()
		r.finish(Exit{Code: -1, Err: fmt.Errorf("run %s: %w", r.program.Path, err)})
		return err
	}
	go r.tend(ends)
	return nil
}

func (r *runner) spawn(ends stdio) error {
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = ends.child[0], ends.child[1], ends.child[2]
	err := r.host.spawner.do(r.cmd.Start)
	closeAll(ends.child[:])
	if err != nil {
		return err
	}
	tame(r.cmd.Process.Pid, r.program.memory())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state, r.pid, r.started = running, r.cmd.Process.Pid, time.Now()
	if r.killed {
		killGroup(r.pid)
	}
	return nil
}

// How long we listen for last words once the process is dead: until the pipes end, or nothing comes any more, for a grandchild
// outside the group may hold them. Silence is counted in short looks, one after the other: a busy machine that runs nobody for
// a while is one look, not silence. A grandchild that talks on, or a log that blocks, does not hold us longer than lastWords.
const (
	look      = 20 * time.Millisecond
	silence   = 10 // looks
	lastWords = 5 * time.Second
)

// tend reads the process's output until it ends, and then settles everything.
func (r *runner) tend(ends stdio) {
	listening, stop := context.WithCancel(context.Background())
	defer stop()
	pumped := make(chan struct{})
	go func() {
		defer close(pumped)
		var pumps sync.WaitGroup
		pumps.Go(func() { r.sink.pump(listening, ends.host[1], "stdout", r.handshake) })
		pumps.Go(func() { r.sink.pump(listening, ends.host[2], "stderr", nil) })
		pumps.Wait()
	}()
	err := reap(r.cmd, r.lastKill)
	r.handshake.Close() // go-plugin sees the end now
	r.empty.Close()
	r.hearOut(pumped)
	stop()
	ends.close()
	r.sink.flush()
	r.finish(r.exitOf(err))
}

// hearOut waits until the pumps have read what the dead process left behind.
func (r *runner) hearOut(pumped <-chan struct{}) {
	limit := time.Now().Add(lastWords)
	heard := r.sink.count().Lines
	for quiet := 0; quiet < silence && time.Now().Before(limit) && !waitFor(pumped, look); quiet++ {
		if lines := r.sink.count().Lines; lines != heard {
			heard, quiet = lines, -1
		}
	}
}

// lastKill ends what is left of the process group. reap calls it while the pid cannot have a new owner yet.
func (r *runner) lastKill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	killGroup(r.pid)
	r.state = reaped
}

func (r *runner) finish(e Exit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = reaped
	r.handshake.Close()
	r.empty.Close()
	r.exit = e
	close(r.done)
}

// kill ends the process and its group, or keeps it from starting. It never blocks, and done follows soon.
func (r *runner) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.state {
	case fresh:
		r.state = reaped
		r.exit = Exit{Code: -1, ByHost: true, Err: errKilledEarly}
		r.handshake.Close()
		r.empty.Close()
		close(r.done)
	case starting:
		r.killed = true // spawn sees to it
	case running:
		r.killed = true
		killGroup(r.pid)
	}
}

// killFor is kill with a reason for the Exit; the first one stands.
func (r *runner) killFor(why string) {
	r.mu.Lock()
	if !r.killed {
		r.why = why
	}
	r.mu.Unlock()
	r.kill()
}

func (r *runner) pidNow() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pid
}

// removeSockets removes the folder go-plugin made: a killed plugin leaves its socket in it. Children of the plugin that have
// left its process group, and are still known by the folder's name, go with it.
func (r *runner) removeSockets() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sockets != "" {
		killStrays(r.sockets)
		_ = os.RemoveAll(r.sockets) // what is left goes with the run folder
	}
}

// The rest is what go-plugin wants to hear.

func (r *runner) Wait(context.Context) error {
	<-r.done
	return nil
}

func (r *runner) Kill(context.Context) error {
	r.kill()
	return nil
}

func (r *runner) Stdout() io.ReadCloser           { return r.handshake }
func (r *runner) Stderr() io.ReadCloser           { return r.empty }
func (r *runner) Name() string                    { return r.program.Name }
func (r *runner) Diagnose(context.Context) string { return "" }
func (r *runner) ID() string                      { return strconv.Itoa(r.pidNow()) }

func (r *runner) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

func (r *runner) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
