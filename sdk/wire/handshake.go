package wire

import (
	"context"
	"errors"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/experimental"
)

// ProtocolVersion is the major version of the contract. go-plugin negotiates it; everything smaller is a capability.
const ProtocolVersion = 1

// PluginName is the one name hub and plugin use in go-plugin's plugin set.
const PluginName = "pintle"

// MaxMessageBytes is the largest gRPC message either side sends or accepts. Batches stay far below (1 MiB).
const MaxMessageBytes = 16 << 20

// The hub talks to a plugin it starts through these environment variables.
const (
	EnvLogLevel    = "PINTLE_LOG_LEVEL"    // trace, debug, info, warn or error: below it a plugin does not even format a line
	EnvMemoryLimit = "PINTLE_MEMORY_LIMIT" // bytes: the garbage collector works harder as the plugin comes near
)

const (
	cookieKey   = "PINTLE_PLUGIN"
	cookieValue = "8f6a1d52c0e94b7db2f37a5c1e60934d"

	streamWindow = 8 << 20  // bytes in flight on one stream: several batches, so that a sender never waits for a window
	connWindow   = 16 << 20 // bytes in flight on a connection
	socketBuffer = 256 << 10
)

// Handshake is the cookie and version that hub and plugin show each other, so that neither talks to a stranger by mistake.
// It is no secret and no protection.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{
		ProtocolVersion:  ProtocolVersion,
		MagicCookieKey:   cookieKey,
		MagicCookieValue: cookieValue,
	}
}

// DialOptions are the limits and buffers of the hub's connection to a plugin, the mirror of what ServeProcess sets.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(MaxMessageBytes), grpc.MaxCallSendMsgSize(MaxMessageBytes)),
		grpc.WithInitialWindowSize(streamWindow),
		grpc.WithInitialConnWindowSize(connWindow),
		grpc.WithReadBufferSize(socketBuffer),
		grpc.WithWriteBufferSize(socketBuffer),
		experimental.WithBufferPool(&framePool{}),
	}
}

// GRPCPlugin is Pintle's one entry in go-plugin's plugin set, on both sides.
type GRPCPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	register func(*grpc.Server)
}

// NewGRPCPlugin makes the entry. A plugin passes what registers its services; the hub, which serves nothing, passes nil.
func NewGRPCPlugin(register func(*grpc.Server)) *GRPCPlugin {
	return &GRPCPlugin{register: register}
}

// GRPCServer registers the services; go-plugin calls it once, in the plugin, before it serves.
func (p *GRPCPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	if p.register == nil {
		return errors.New("this side of the plugin connection serves nothing")
	}
	p.register(s)
	return nil
}

// GRPCClient answers Dispense in the hub with a Link. ctx ends when the plugin's process does.
func (p *GRPCPlugin) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return Link{ClientConn: conn, Gone: ctx.Done()}, nil
}

// Link is a connection to a plugin, as Dispense returns it.
type Link struct {
	*grpc.ClientConn
	Gone <-chan struct{} // closed when the plugin's process has ended
}
