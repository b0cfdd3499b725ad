package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// Hub is one hub: a folder with hub.hcl in it, and a process that comes and goes.
type Hub struct {
	env *Env
	// Name is what faults of it are noted as: "hub" for the first.
	Name string
	// Dir is the folder of the configuration; Data is where the hub keeps its data (data_dir = "./data").
	Dir, Data string
	// Program is started, Options.Hub unless changed; Env is added to its environment (a failpoint, GOMEMLIMIT); Args are
	// added to "run".
	Program string
	Env     []string
	Args    []string
	// Wrap, if set, is a command line that the program is started behind, such as prlimit --nofile=64.
	Wrap []string

	client *web.Client
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has
	exit   error         // of cmd, once ended is closed
}

// NewHub makes one more hub with a folder of its own. Nothing is started.
func (e *Env) NewHub(name, dir string) *Hub {
	h := &Hub{env: e, Name: name, Dir: dir, Data: filepath.Join(dir, "data"), Program: e.Options.Hub}
	h.client = web.NewClient(h.Data)
	e.hubs = append(e.hubs, h)
	return h
}

// Configure writes hub.hcl; see Env.Configure.
func (h *Hub) Configure(hcl string) error {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(h.Dir, "hub.hcl"), []byte(h.env.fill(hcl, h.Dir)), 0o600)
}

// Log is the file with all that the hub has said, over all its lives.
func (h *Hub) Log() string { return filepath.Join(h.env.Dir, h.Name+".log") }

// Start starts the process and does not wait; see AwaitReady.
func (h *Hub) Start() error {
	if h.Running() {
		return fmt.Errorf("%s runs already", h.Name)
	}
	log, err := os.OpenFile(h.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	line := append(slices.Clone(h.Wrap), h.Program, "run")
	line = append(append(line, h.Args...), h.Dir)
	h.cmd = exec.Command(line[0], line[1:]...)
	h.cmd.Dir = h.Dir
	h.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "XDG_RUNTIME_DIR=") }),
		append([]string{"TMPDIR=" + h.env.sockets}, h.Env...)...)
	h.cmd.Stdout, h.cmd.Stderr = log, log
	if err := h.env.spawn.start(h.cmd); err != nil {
		h.cmd = nil
		return fmt.Errorf("start %s: %w", h.Name, err)
	}
	cmd, ended := h.cmd, make(chan struct{})
	h.ended = ended
	go func() { // ends with the process
		h.exit = cmd.Wait()
		close(ended)
	}()
	return nil
}

// Running tells whether the process lives.
func (h *Hub) Running() bool {
	if h.cmd == nil {
		return false
	}
	select {
	case <-h.ended:
		return false
	default:
		return true
	}
}

// Pid is the number of the newest process, 0 before the first.
func (h *Hub) Pid() int {
	if h.cmd == nil {
		return 0
	}
	return h.cmd.Process.Pid
}

// Ended is closed when the newest process has ended. Call it after Start.
func (h *Hub) Ended() <-chan struct{} { return h.ended }

// Exit returns how the newest process ended: nil for exit code 0. Call it when Ended is closed.
func (h *Hub) Exit() error { return h.exit }

// Kill ends the process as kill -9 does and returns when it is gone. It notes nothing; see Env.KillHub.
func (h *Hub) Kill() {
	if h.Running() {
		_ = h.cmd.Process.Kill()
		<-h.ended
	}
}

// Stop ends the process politely and returns its error. One that takes longer than 30 s is killed, which is an error.
func (h *Hub) Stop(ctx context.Context) error {
	if !h.Running() {
		return nil
	}
	if err := terminate(h.Pid()); err != nil {
		return err
	}
	select {
	case <-h.ended:
		return h.exit
	case <-ctx.Done():
		h.Kill()
		return ctx.Err()
	case <-time.After(30 * time.Second):
		h.Kill()
		return fmt.Errorf("%s did not stop within 30 s and was killed", h.Name)
	}
}

// Client speaks to the hub's admin API.
func (h *Hub) Client() *web.Client { return h.client }

// Status asks the hub how it is doing.
func (h *Hub) Status(ctx context.Context) (hub.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return h.client.Status(ctx)
}

// Reload makes the hub read its configuration again, as pintle reload does.
func (h *Hub) Reload(ctx context.Context) (hub.Changes, error) { return h.client.Reload(ctx) }

// errEnded means that the hub's process is not there any more.
var errEnded = errors.New("its process has ended")

// AwaitReady returns when every source, analyzer and sink of the hub works, at most 30 s from now; one that waits for its
// target or for the log does. It notes that the hub is
// up.
func (h *Hub) AwaitReady(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := h.ended
	go func() { // ends with ctx
		select {
		case <-ended:
			cancel(errEnded)
		case <-ctx.Done():
		}
	}()
	err := h.env.Await(ctx, 30*time.Second, h.Name+" to be ready", func() error { return h.Ready(ctx) })
	if err != nil {
		return fmt.Errorf("%w\n%s", err, h.Tail(20))
	}
	return h.env.Ledger.Note(ledger.Record{Kind: ledger.Up, Who: h.Name})
}

// Ready returns nil when every source, analyzer and sink works, and what does not otherwise.
func (h *Hub) Ready(ctx context.Context) error {
	s, err := h.Status(ctx)
	if err != nil {
		return err
	}
	for address, r := range Blocks(s) {
		switch r.State {
		case flow.StateRunning, flow.StateFinished, flow.StateWaiting:
		default:
			return fmt.Errorf("%s is %s: %s", address, r.State, r.Error)
		}
	}
	return nil
}

// Blocks returns the health of every block by address; a pipeline's is pipeline.NAME, an analyzer's that of its process.
func Blocks(s hub.Status) map[string]flow.Report {
	all := map[string]flow.Report{}
	for _, b := range s.Sources {
		all[b.Address] = b.Report
	}
	for _, p := range s.Pipelines {
		all["pipeline."+p.Name] = p.Report
		for _, hop := range p.Hops {
			for _, a := range hop.Analyzers {
				all[a] = hop.Report
			}
		}
		for _, k := range p.Sinks {
			all[k.Address] = k.Report
		}
	}
	return all
}

// Tail returns the last n lines of the hub's log.
func (h *Hub) Tail(n int) string {
	b, err := os.ReadFile(h.Log())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
