package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/keepalive"
)

// ErrNotHub means that somebody started a plugin program by hand. ServeProcess has told them so on stderr.
var ErrNotHub = errors.New("this program is a Pintle plugin and must be started by the hub")

// ErrHubGone means that stdin, the life line the hub holds, ended without a stop: the hub was killed.
var ErrHubGone = errors.New("the hub that started this plugin is gone")

const (
	byHand = `This program is a Pintle plugin: it does nothing on its own.
Name it in a configuration and let the hub start it:

    pintle run

`
	hubGoneGrace     = time.Second             // for the server to cancel its calls once the hub is gone
	hubGoneLimit     = 1500 * time.Millisecond // from the hub's death to our own, whatever plugin code does
	defaultMemory    = 256 << 20
	gcPercent        = 400 // batches are short-lived garbage: collect less often, the memory limit caps the price
	keepaliveMinimum = time.Second
)

// ServeProcess makes this program a Pintle plugin: it offers the services that register adds and returns nil when the hub
// has said stop. It returns ErrNotHub when no hub started the program and ErrHubGone when the hub died; the caller, main,
// then exits with 1. While it serves, SIGTERM, SIGINT and SIGHUP do nothing (the hub alone stops a plugin), os.Stdout and
// os.Stderr travel to the hub's log, and a panic in a call is that call's error, not the end of the process.
func ServeProcess(register func(*grpc.Server)) error {
	if os.Getenv(cookieKey) != cookieValue {
		fmt.Fprint(os.Stderr, byHand)
		return ErrNotHub
	}
	limitMemory()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) // nobody reads: that ignores them
	redirectLogs()

	servers := make(chan *grpc.Server, 1)
	served := make(chan struct{})
	go func() {
		defer close(served)
		plugin.Serve(serveConfig(register, servers))
	}()
	gone, err := watchLifeline()
	if err != nil {
		return err
	}
	select {
	case <-served:
		return stopped(servers)
	case <-gone:
		return hubGone(servers, served)
	}
}

// stopped tells a stop by the hub from a server that never came up (go-plugin has logged why).
func stopped(servers <-chan *grpc.Server) error {
	select {
	case <-servers:
		return nil
	default:
		return errors.New("serve plugin: could not listen on the socket the hub asked for")
	}
}

func serveConfig(register func(*grpc.Server), servers chan<- *grpc.Server) *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig:  Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{ProtocolVersion: {PluginName: NewGRPCPlugin(register)}},
		Logger:           Logger("wire"),
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			s := newServer(options)
			servers <- s
			return s
		},
	}
}

func newServer(options []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(options,
		grpc.MaxRecvMsgSize(MaxMessageBytes), grpc.MaxSendMsgSize(MaxMessageBytes), grpc.ForceServerCodecV2(codec{}),
		experimental.BufferPool(&framePool{}),
		grpc.InitialWindowSize(streamWindow), grpc.InitialConnWindowSize(connWindow),
		grpc.ReadBufferSize(socketBuffer), grpc.WriteBufferSize(socketBuffer),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveMinimum, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(recoverUnary), grpc.StreamInterceptor(recoverStream))...)
}

// watchLifeline returns a channel that closes when stdin ends. The hub never writes to it. Plugin code that reads
// os.Stdin gets an immediate end of file instead of stealing the line.
func watchLifeline() (<-chan struct{}, error) {
	line := os.Stdin
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("replace stdin: %w", err)
	}
	os.Stdin = null
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, line) // an error is an end too
	}()
	return gone, nil
}

// hubGone ends the process group: calls first, gently, then everything that is left, helpers of the plugin included.
func hubGone(servers <-chan *grpc.Server, served <-chan struct{}) error {
	time.AfterFunc(hubGoneLimit, endGroup)
	select {
	case s := <-servers:
		go s.Stop() // cancels the calls; may wait for one that hangs
	default:
	}
	select {
	case <-served:
	case <-time.After(hubGoneGrace):
	}
	endGroup()
	return ErrHubGone
}

// limitMemory trades memory for fewer collections, up to a soft limit. GOGC and GOMEMLIMIT, when set, win.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := int64(defaultMemory)
	if n, err := strconv.ParseInt(os.Getenv(EnvMemoryLimit), 10, 64); err == nil && n > 0 {
		limit = n
	}
	debug.SetMemoryLimit(limit)
}
