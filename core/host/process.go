package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// Process is one running plugin. Its methods may be called from any goroutine, at any time.
type Process struct {
	host    *Host
	program Program
	runner  *runner
	client  *plugin.Client
	conn    *grpc.ClientConn // set by launch, before anyone else sees the Process
	tapped  tap
	cleaned chan struct{} // closed by watch when connection and sockets are gone too

	// shutdown asks go-plugin to end the process and tidies up after it. It may block as long as the process lives.
	shutdown func()
}

func newProcess(h *Host, p Program) *Process {
	process := &Process{host: h, program: p, runner: newRunner(h, p), cleaned: make(chan struct{})}
	process.client = plugin.NewClient(process.clientConfig())
	process.shutdown = sync.OnceFunc(process.client.Kill)
	return process
}

// watch waits for the process to end and clears away what it leaves: connection, goroutines, socket files.
func (p *Process) watch() {
	<-p.runner.done
	p.shutdown()
	p.tapped.close()
	p.runner.removeSockets()
	p.host.forget(p)
	close(p.cleaned)
}

// Conn is the gRPC connection to the plugin. The Process owns it: do not close it. Give every call a deadline or a context
// that ends; once the process is dead every call fails at once.
func (p *Process) Conn() *grpc.ClientConn { return p.conn }

// Pid is the process id, good for logs. It may be reused once Done is closed.
func (p *Process) Pid() int { return p.runner.pidNow() }

// Done is closed when the process has ended, for whatever reason, and Exit tells how.
func (p *Process) Done() <-chan struct{} { return p.runner.done }

// Exit says how the process ended. Call it after Done; before, it returns the zero Exit.
func (p *Process) Exit() Exit {
	select {
	case <-p.runner.done:
		return p.runner.exit
	default:
		return Exit{}
	}
}

// Logs says how much the plugin has logged so far, and how much of that was thrown away for being too much.
func (p *Process) Logs() LogCount { return p.runner.sink.count() }

const pingTimeout = 5 * time.Second

// Ping asks the plugin's health service. It answers within ctx's deadline, or 5 s when it has none.
func (p *Process) Ping(ctx context.Context) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, pingTimeout)
		defer cancel()
	}
	ask := &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName}
	answer, err := grpc_health_v1.NewHealthClient(p.conn).Check(ctx, ask)
	if err != nil {
		return fmt.Errorf("ping plugin %q: %w", p.program.Name, err)
	}
	if answer.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("ping plugin %q: it says it is %s", p.program.Name, answer.Status)
	}
	return nil
}

// ErrKilled means that a plugin did not stop when asked and had to be killed. It is gone all the same.
var ErrKilled = errors.New("did not stop when asked and was killed")

// Stop asks the plugin to end, kills it and its process group when it has not by ctx's end or Config.StopTimeout,
// whichever is first, and returns when it is gone: nil, or ErrKilled. It never hangs: an unkillable process (stuck in the
// kernel) is an error a second after the kill. Calls in flight are cut, so drain the plugin before.
func (p *Process) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.host.config.StopTimeout)
	defer cancel()
	go p.shutdown()
	select {
	case <-p.cleaned:
	case <-ctx.Done():
		p.runner.kill()
		if !waitFor(p.cleaned, killGrace) {
			return fmt.Errorf("stop plugin %q: pid %d survived its kill", p.program.Name, p.Pid())
		}
	}
	if p.runner.exit.ByHost {
		return fmt.Errorf("stop plugin %q: %w", p.program.Name, ErrKilled)
	}
	return nil
}

// Kill ends the plugin and its process group now. It does not wait; see Done.
func (p *Process) Kill() { p.runner.kill() }

// KillFor is Kill with a reason, which the Exit tells to people: "it said nothing for 20s".
func (p *Process) KillFor(why string) { p.runner.killFor(why) }

// killGrace is how long the kernel may take to end a killed process.
const killGrace = time.Second

func waitFor(c <-chan struct{}, limit time.Duration) bool {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-c:
		return true
	case <-t.C:
		return false
	}
}
