package proxy

import (
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"time"
)

// halfConn is a connection of which one direction can be ended alone.
type halfConn interface {
	net.Conn
	CloseWrite() error
}

func dial(target string) (halfConn, error) {
	network := "tcp"
	if filepath.IsAbs(target) {
		network = "unix"
	}
	c, err := net.DialTimeout(network, target, 10*time.Second)
	if err != nil {
		return nil, err
	}
	return c.(halfConn), nil
}

// link is one connection on its way through the proxy.
type link struct {
	proxy          *Proxy
	client, server halfConn
	gone           chan struct{} // closed when the link is reset
	once           sync.Once
}

// run passes bytes on in both directions until both have ended.
func (l *link) run() {
	var both sync.WaitGroup
	both.Go(func() { l.flow(l.server, l.client, func(f Fault) Flow { return f.Up }) })
	both.Go(func() { l.flow(l.client, l.server, func(f Fault) Flow { return f.Down }) })
	both.Wait()
	l.close(false)
}

// reset breaks both connections, so that either side gets "connection reset by peer".
func (l *link) reset() { l.close(true) }

func (l *link) close(hard bool) {
	l.once.Do(func() {
		close(l.gone)
		for _, c := range []net.Conn{l.client, l.server} {
			if hard {
				abort(c)
			} else {
				_ = c.Close()
			}
		}
	})
}

// abort closes a connection by a reset instead of an orderly end.
func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// piece is some bytes on their way, with the time at which they may arrive.
type piece struct {
	data []byte
	due  time.Time
}

// flow passes bytes on in one direction. A reader takes pieces in, so that latency does not eat throughput; this goroutine
// writes them when they are due.
func (l *link) flow(to, from halfConn, side func(Fault) Flow) {
	pieces := make(chan piece, 256) // read by the loop below
	l.proxy.work.Go(func() {
		defer close(pieces)
		for buf := make([]byte, 16<<10); ; {
			n, err := from.Read(buf)
			if n > 0 {
				f, _ := l.proxy.now()
				select {
				case pieces <- piece{append([]byte(nil), buf[:n]...), time.Now().Add(delay(side(f)))}:
				case <-l.gone:
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					l.reset()
				}
				return
			}
		}
	})
	var passed int64
	for p := range pieces {
		if !l.pass(to, p, &passed, side) {
			for range pieces { // what comes behind the end of this direction is lost
			}
			return
		}
	}
	_ = to.CloseWrite()
}

func delay(f Flow) time.Duration {
	if f.Jitter > 0 {
		return f.Latency + rand.N(f.Jitter)
	}
	return f.Latency
}

// pass writes one piece when its time has come, and says whether the direction goes on.
func (l *link) pass(to halfConn, p piece, passed *int64, side func(Fault) Flow) bool {
	if !l.sleep(time.Until(p.due)) {
		return false
	}
	f, ok := l.open(side)
	if !ok {
		return false
	}
	data, end := p.data, false
	for _, limit := range []int64{f.Cut, f.HalfClose} {
		if limit > 0 && *passed+int64(len(data)) >= limit {
			data, end = data[:max(0, limit-*passed)], true
		}
	}
	corrupt(data, *passed, f.Corrupt)
	*passed += int64(len(data))
	if _, err := to.Write(data); err != nil {
		l.reset()
		return false
	}
	if f.Rate > 0 && !l.sleep(time.Duration(len(data))*time.Second/time.Duration(f.Rate)) {
		return false
	}
	switch {
	case end && f.Cut > 0:
		l.reset()
	case end:
		_ = to.CloseWrite()
	}
	return !end
}

// open waits until the direction is no black hole, and returns what happens to it then.
func (l *link) open(side func(Fault) Flow) (Flow, bool) {
	for {
		fault, changed := l.proxy.now()
		f := side(fault)
		if !f.Blackhole {
			return f, true
		}
		select {
		case <-changed:
		case <-l.gone:
			return f, false
		}
	}
}

func (l *link) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.gone:
		return false
	}
}

// corrupt flips a bit of each every-th byte of a direction; data begins passed bytes after its beginning.
func corrupt(data []byte, passed, every int64) {
	if every <= 0 {
		return
	}
	for i := every - 1 - passed%every; i < int64(len(data)); i += every {
		data[i] ^= 1
	}
}
