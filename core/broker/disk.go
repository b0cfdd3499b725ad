package broker

import (
	"fmt"
	"sync"
	"time"
)

const (
	reserveMost  = 1 << 30
	reserveShare = 10 // one part in
	spareFiles   = 32 // files that can still be made when events are refused
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
	disk, err := diskOf(b.cfg.Dir)
	if err != nil {
		return 0, fmt.Errorf("look at the disk: %w", err)
	}
	return min(logMost, disk.free/100*80) / 100 * s.share(), nil
}

// space is what a file system has left.
type space struct {
	free, total int64 // bytes
	files       int64 // that can still be made, -1 when that has no limit
}

// gauge remembers how much disk is free, so that Append need not ask each time.
type gauge struct {
	dir     string // empty when external: then there is always room
	reserve int64

	mu    sync.Mutex
	asked time.Time
	space space
	err   error
}

// take lets n bytes be written to a stream, or returns ErrFull when they would reach into the reserve. What was let through
// since the disk was last asked counts. What is taken in already may use half of the reserve: finishing it makes room.
func (g *gauge) take(s Stream, n int) error {
	parts := int64(1)
	if s != Events {
		parts = 2
	}
	if err := g.room(n, parts); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.space.free -= int64(n)
	return nil
}

// room returns ErrFull when n more bytes would reach into the reserve, or that part of it. A disk that cannot be asked has
// room: the append will tell.
func (g *gauge) room(n int, part int64) error {
	have, err := g.look()
	if err != nil || have.total == 0 {
		return nil
	}
	if have.files >= 0 && have.files < spareFiles/part {
		return fmt.Errorf("%w: the disk under %s has no inodes left, so that no file can be made on it; remove small files there",
			ErrFull, g.dir)
	}
	keep := g.keep(have.total) / part
	if have.free-int64(n) > keep {
		return nil
	}
	return fmt.Errorf("%w: %d MiB of disk are free in %s and %d MiB are kept in reserve; free some, or trim", ErrFull,
		max(have.free, 0)>>20, g.dir, keep>>20)
}

func (g *gauge) keep(total int64) int64 {
	if g.reserve != 0 {
		return g.reserve
	}
	return min(total/reserveShare, reserveMost)
}

// look returns the disk's state, at most diskFresh old.
func (g *gauge) look() (space, error) {
	if g.dir == "" {
		return space{files: -1}, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := time.Now(); now.Sub(g.asked) >= diskFresh {
		g.asked = now
		g.space, g.err = diskOf(g.dir)
	}
	return g.space, g.err
}

// forget lets the next look ask the disk again.
func (g *gauge) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = time.Time{}
}
