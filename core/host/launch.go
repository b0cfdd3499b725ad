package host

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	pluginrunner "github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk/wire"
)

// clientConfig is go-plugin's view of the process. go-plugin's own log lines are thrown away: what they say is in the
// errors and the Exit we return.
func (p *Process) clientConfig() *plugin.ClientConfig {
	options := append(wire.DialOptions(), grpc.WithChainStreamInterceptor(p.tapped.intercept))
	return &plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{wire.ProtocolVersion: {wire.PluginName: wire.NewGRPCPlugin(nil)}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		SkipHostEnv:      true,
		AutoMTLS:         runtime.GOOS == "windows", // there it is TCP; elsewhere the socket's folder is the guard
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.host.dir.path},
		StartTimeout:     p.host.config.StartTimeout + killGrace, // our own deadline comes first
		SyncStdout:       &lineWriter{sink: p.runner.sink, stream: "stdout"},
		SyncStderr:       &lineWriter{sink: p.runner.sink, stream: "stderr"},
		GRPCDialOptions:  options,
		Logger:           hclog.NewNullLogger(),
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, sockets string) (pluginrunner.Runner, error) {
			p.runner.prepare(spec.Env, sockets)
			return p.runner, nil
		},
	}
}

// launch starts the process and returns when it answers. When it fails, nothing of the process is left.
func (p *Process) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, p.host.config.StartTimeout)
	defer cancel()
	var connectError error // as p.conn, not to be read before connected is closed
	connected := make(chan struct{})
	go func() {
		defer close(connected)
		p.conn, connectError = p.connect()
	}()
	var err error
	select {
	case <-connected:
		err = connectError
	case <-ctx.Done():
		err = ctx.Err()
		defer waitFor(connected, killGrace) // it ends once the process is killed
	}
	if err == nil {
		err = p.Ping(ctx)
	}
	if err == nil {
		return nil
	}
	return p.giveUp(ctx, err)
}

// connect blocks, deaf to any deadline, until the plugin is connected or dead.
func (p *Process) connect() (*grpc.ClientConn, error) {
	protocol, err := p.client.Client()
	if err != nil {
		p.runner.removeSockets() // once more: watch may have been here before go-plugin made them
		return nil, err
	}
	entry, err := protocol.Dispense(wire.PluginName)
	if err != nil {
		return nil, err
	}
	return entry.(wire.Link).ClientConn, nil
}

// ownEnd is how long a plugin whose connection failed may take to be seen dying by itself, so that the error tells its own
// end and not our kill.
const ownEnd = 200 * time.Millisecond

func (p *Process) giveUp(ctx context.Context, cause error) error {
	patience := killGrace
	if ctx.Err() == nil {
		waitFor(p.runner.done, ownEnd)
		patience += lastWords // they are heard out, however slow the log is; without them the error could not say why
	}
	p.runner.kill()
	waitFor(p.cleaned, patience)
	exit := p.Exit()
	switch {
	case exit.Err != nil && !exit.ByHost:
		return exit.Err
	case exit.Lived > 0 && !exit.ByHost:
		return fmt.Errorf("it %s before it was ready%s", exit, exit.quote())
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it did not answer in time, %s at most (is it a Pintle plugin?)%s: %w",
			p.host.config.StartTimeout, exit.quote(), ctx.Err())
	}
	return fmt.Errorf("%w%s", cause, exit.quote())
}

// tap remembers the connections go-plugin opens, to close those it forgets when a plugin dies while it connects.
type tap struct {
	mu     sync.Mutex
	closed bool
	conns  map[*grpc.ClientConn]bool
}

func (t *tap) intercept(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	t.mu.Lock()
	if t.conns == nil {
		t.conns = map[*grpc.ClientConn]bool{}
	}
	t.conns[cc] = true
	closed := t.closed
	t.mu.Unlock()
	if closed {
		_ = cc.Close()
	}
	return next(ctx, desc, cc, method, opts...)
}

// close closes what was opened, and from now on everything at once.
func (t *tap) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for cc := range t.conns {
		_ = cc.Close() // an error says it is closed already
	}
}
