package broker

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	serverName = "pintle"
	domain     = "pintle" // fixed from day one: a move to a cluster mirrors streams from this domain
	startLimit = 5 * time.Minute

	// Streams carry their own limits. The server's default, 75 % of the disk free at start, would shrink from start to
	// start and then refuse to load a stream that fitted before.
	storeLimit  = 1 << 50
	memoryLimit = 256 << 20 // only the state of readers is kept in memory
)

// startEmbedded takes the data directory and starts the server in it. It does nothing when the log is external.
func (b *Broker) startEmbedded() error {
	if b.cfg.URL != "" {
		return nil
	}
	if b.cfg.Dir == "" {
		return errors.New("open the log: no data directory given; set data_dir")
	}
	if err := os.MkdirAll(b.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	lock, err := lockDir(b.cfg.Dir) // before the server: NATS takes no lock, and two on one store lose acked messages
	if err != nil {
		return err
	}
	b.lock = lock
	return b.startServer()
}

// startServer starts a server on the data directory and makes it the current one.
func (b *Broker) startServer() error {
	srv, err := server.NewServer(&server.Options{
		ServerName:         serverName,
		DontListen:         true,
		NoSigs:             true,
		NoLog:              true, // lines go to the recorder
		MaxPayload:         int32(b.cfg.MaxMessage + headroom),
		JetStream:          true,
		JetStreamDomain:    domain,
		JetStreamMaxStore:  storeLimit,
		JetStreamMaxMemory: memoryLimit,
		StoreDir:           b.cfg.Dir,
		SyncAlways:         true, // promise: fsync before the ack
	})
	if err != nil {
		return fmt.Errorf("prepare the embedded log: %w", err)
	}
	srv.SetLoggerV2(b.log, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(startLimit) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		srv.WaitForShutdown()
		return fmt.Errorf("start the embedded log in %s: %s", b.cfg.Dir, b.log.lastFatal())
	}
	b.stuck.clear()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.srv = srv
	return nil
}

// stopEmbedded stops the server and waits until its files are written.
func (b *Broker) stopEmbedded() {
	b.mu.Lock()
	srv := b.srv
	b.srv = nil
	b.mu.Unlock()
	if srv != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
	}
}

// current returns the running embedded server, nil when external or stopped.
func (b *Broker) current() *server.Server {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.srv
}

// InProcessConn gives the client its side of an in-memory connection (nats.InProcessConnProvider). The client calls it
// again at each reconnect, so a restarted server is found without a new client.
func (b *Broker) inProcessConn() (net.Conn, error) {
	srv := b.current()
	if srv == nil {
		return nil, errors.New("the embedded log is not running")
	}
	return srv.InProcessConn()
}

// dialer adapts a function to nats.InProcessConnProvider, so that Broker need not export it.
type dialer func() (net.Conn, error)

// InProcessConn implements nats.InProcessConnProvider.
func (d dialer) InProcessConn() (net.Conn, error) { return d() }
