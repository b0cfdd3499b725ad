// Package proxy puts faults between a sink and its target: Proxy passes TCP connections on and spoils them as it is told, Target
// is an HTTP server that answers as it is told and remembers what it committed.
//
// Both run in user space on the loopback, need no rights, and change what they do while connections are open. They judge
// nothing: what ought to have happened is up to who uses them.
package proxy

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Fault is what a proxy does to connections. The zero value passes everything on.
type Fault struct {
	// Refuse closes the port, as if the target's process were gone: who connects is refused, and open connections are reset.
	Refuse bool `json:"refuse,omitempty"`
	// Reset takes each new connection and resets it at once.
	Reset bool `json:"reset,omitempty"`
	// Up is what happens to bytes on their way to the target, Down to those that it answers.
	Up   Flow `json:"up,omitzero"`
	Down Flow `json:"down,omitzero"`
}

// Flow is what happens to bytes on their way in one direction.
type Flow struct {
	// Latency is how long each piece is on its way, and Jitter how much longer at most. Pieces never overtake each other.
	Latency time.Duration `json:"latency,omitempty"`
	Jitter  time.Duration `json:"jitter,omitempty"`
	// Rate is how many bytes a second pass; zero is no limit.
	Rate int64 `json:"rate,omitempty"`
	// Blackhole lets nothing pass and says nothing. What came in meanwhile goes on when it ends, as TCP does.
	Blackhole bool `json:"blackhole,omitempty"`
	// Cut resets the connection, in both directions, after so many bytes; zero is never.
	Cut int64 `json:"cut,omitempty"`
	// HalfClose ends this direction alone after so many bytes, and lets the other one go on; zero is never.
	HalfClose int64 `json:"half_close,omitempty"`
	// Corrupt flips a bit in each so many-th byte; zero is never.
	Corrupt int64 `json:"corrupt,omitempty"`
}

// Proxy passes connections on to one address. Its methods are safe for concurrent use.
type Proxy struct {
	target string
	addr   string

	mu       sync.Mutex // guards what follows
	fault    Fault
	changed  chan struct{} // closed when fault changes, and then another one
	listener net.Listener  // nil while refusing
	links    map[*link]bool
	closed   bool
	work     sync.WaitGroup
}

// Listen starts a proxy for target ("127.0.0.1:5432", or the path of a unix socket) on a free port of the loopback. Close it.
func Listen(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a port for the fault proxy: %w", err)
	}
	p := &Proxy{target: target, addr: l.Addr().String(), changed: make(chan struct{}), links: make(map[*link]bool)}
	p.serve(l)
	return p, nil
}

// Addr returns where the proxy listens. It stays the same over Refuse.
func (p *Proxy) Addr() string { return p.addr }

// Set changes what the proxy does, for connections that are open too. An error means that its port could not be opened again.
func (p *Proxy) Set(f Fault) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return net.ErrClosed
	}
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
	switch {
	case f.Refuse && p.listener != nil:
		err := p.listener.Close()
		p.listener = nil
		p.breakAll()
		return err
	case !f.Refuse && p.listener == nil:
		l, err := net.Listen("tcp", p.addr)
		if err != nil {
			return fmt.Errorf("open the port of the fault proxy again: %w", err)
		}
		p.serve(l)
	}
	return nil
}

// Break resets all connections that are open now.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.breakAll()
}

func (p *Proxy) breakAll() {
	for l := range p.links {
		l.reset()
	}
}

// Open returns how many connections are open.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Close ends the proxy and its connections, and waits for its goroutines.
func (p *Proxy) Close() error {
	p.mu.Lock()
	var err error
	if p.listener != nil {
		err = p.listener.Close()
		p.listener = nil
	}
	if !p.closed {
		p.closed = true
		close(p.changed)
		p.breakAll()
	}
	p.mu.Unlock()
	p.work.Wait()
	return err
}

// now returns the fault, and a channel that is closed when it changes.
func (p *Proxy) now() (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

// serve takes connections from l until it is closed. Called with mu held, or before anybody else knows p.
func (p *Proxy) serve(l net.Listener) {
	p.listener = l
	p.work.Go(func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue // the connection was gone before it was taken
			}
			p.work.Go(func() { p.handle(c.(*net.TCPConn)) })
		}
	})
}

// handle passes one connection on until both directions have ended.
func (p *Proxy) handle(client *net.TCPConn) {
	if f, _ := p.now(); f.Reset || f.Refuse {
		abort(client)
		return
	}
	server, err := dial(p.target)
	if err != nil {
		abort(client)
		return
	}
	l := &link{proxy: p, client: client, server: server, gone: make(chan struct{})}
	p.mu.Lock()
	if p.closed || p.fault.Refuse {
		p.mu.Unlock()
		l.reset()
		return
	}
	p.links[l] = true
	p.mu.Unlock()
	l.run()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}
