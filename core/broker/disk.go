package broker

import (
	"fmt"
	"sync"
	"time"
)

const (
	reserveMost  = 1 << 30
	reserveShare = 20 // one part in
	diskFresh    = time.Second
	logMost      = 64 << 30 // size of all streams together when nothing is configured
	logExternal  = 16 << 30 // the same on servers whose disks cannot be seen
)

// shares is how the streams divide the log's size, in percent.
func (s Stream) share() int64 {
	switch s {
	case Events:
		return 60
	case Insights:
		return 20
	case States:
		return 9
	case Dead, Loops:
		return 5
	default:
		return 1
	}
}

// firstSize is the limit of a stream that is created now: its share of 80 % of the free disk, or of logMost.
func (b *Broker) firstSize(s Stream) (int64, error) {
	if b.cfg.URL != "" {
		return logExternal / 100 * s.share(), nil
	}
	free, _, err := diskOf(b.cfg.Dir)
	if err != nil {
		return 0, fmt.Errorf("look at the disk: %w", err)
	}
	return min(logMost, free/100*80) / 100 * s.share(), nil
}

// gauge remembers how much disk is free, so that Append need not ask each time.
type gauge struct {
	dir     string // empty when external: then there is always room
	reserve int64

	mu    sync.Mutex
	asked time.Time
	free  int64
	total int64
	err   error
}

// take lets n bytes be written, or returns ErrFull when they would reach into the reserve. What was let through since the
// disk was last asked counts.
func (g *gauge) take(n int) error {
	if err := g.room(n); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free -= int64(n)
	return nil
}

// room returns ErrFull when n more bytes would reach into the reserve. A disk that cannot be asked has room: the append
// will tell.
func (g *gauge) room(n int) error {
	free, total, err := g.look()
	if err != nil || total == 0 || free-int64(n) > g.keep(total) {
		return nil
	}
	return fmt.Errorf("%w: %d MiB of disk are free in %s and %d MiB are kept in reserve; free some, or trim", ErrFull,
		free>>20, g.dir, g.keep(total)>>20)
}

func (g *gauge) keep(total int64) int64 {
	if g.reserve != 0 {
		return g.reserve
	}
	return min(total/reserveShare, reserveMost)
}

// look returns the disk's state, at most diskFresh old.
func (g *gauge) look() (free, total int64, err error) {
	if g.dir == "" {
		return 0, 0, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.Sub(g.asked) >= diskFresh {
		g.asked = now
		g.free, g.total, g.err = diskOf(g.dir)
	}
	return g.free, g.total, g.err
}
