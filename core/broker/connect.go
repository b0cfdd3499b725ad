package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const reconnectWait = 100 * time.Millisecond

// connect opens the client's connection: in memory to the embedded server, or over the network.
func (b *Broker) connect(ctx context.Context) error {
	nc, err := nats.Connect(b.cfg.URL, b.options()...)
	if err != nil {
		return fmt.Errorf("connect to the log at %s: %w", b.where(), err)
	}
	b.nc = nc
	b.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(b.cfg.Timeout))
	if err != nil {
		return fmt.Errorf("connect to the log at %s: %w", b.where(), err)
	}
	return ctx.Err()
}

func (b *Broker) options() []nats.Option {
	opts := []nats.Option{
		nats.Name("pintle"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectBufSize(-1), // an append made while disconnected fails at once instead of being sent later
		nats.DrainTimeout(b.cfg.Timeout),
		nats.ClosedHandler(func(*nats.Conn) { close(b.drained) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.log.out.Debug("client", "error", err) }),
	}
	if b.cfg.URL == "" {
		opts = append(opts, nats.InProcessServer(dialer(b.inProcessConn)))
	}
	return opts
}

// where names the log for error messages.
func (b *Broker) where() string {
	if b.cfg.URL == "" {
		return b.cfg.Dir
	}
	return b.cfg.URL
}
