package broker

import (
	"errors"
	"maps"
	"slices"
	"sync"
)

// maxHeld is how many bytes the readers of one stream may have waiting in memory.
const maxHeld = 64 << 20

// edge is the end of a stream: it hands what was just stored to the readers that have read all before it, without asking the server: most readers are
// at the end of the log most of the time. It also stands in for the server's fence, which costs the server a read of the
// last message of the subject before each append. There is one for each append-only stream of an embedded log, which nobody
// but this process can write.
//
// Its promise: a reader gets what it would get from the server, in the same order, once it is on disk. When that is not
// certain (an append got no answer), it ends the cursors it concerns, and their readers ask the server.
type edge struct {
	mu       sync.Mutex // guards all below, subjects and cursors included
	base     uint64     // last sequence when the log was opened
	next     uint64     // first sequence that has not been handed out
	ticket   uint64     // of the newest append
	flying   map[uint64]bool
	early    map[uint64]early // stored, but something before it is not known yet
	subjects map[string]*subject
	cursors  map[*cursor]bool
	held     int // bytes waiting in all cursors
	closed   bool
}

// subject is what is known of one subject.
type subject struct {
	turn  sync.Mutex // held during an append: one at a time
	last  uint64     // newest message, 0 when nothing was stored since the log was opened
	doubt bool       // an append got no answer: it may be stored
}

// early is a message behind one that is not known.
type early struct {
	follower
	ticket uint64 // appends up to this one may have stored what is missing
}

// follower is a message with what it follows on its subject.
type follower struct {
	Entry
	prior  uint64
	fenced bool // prior is known
}

func newEdge(last uint64) *edge {
	return &edge{base: last, next: last + 1, flying: map[uint64]bool{}, early: map[uint64]early{},
		subjects: map[string]*subject{}, cursors: map[*cursor]bool{}}
}

// subject returns what is known of a subject; never nil.
func (g *edge) subject(name string) *subject {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.subjects[name]
	if !ok {
		s = &subject{}
		g.subjects[name] = s
	}
	return s
}

// last returns the newest sequence of a subject, false when only the server knows it.
func (g *edge) last(s *subject) (uint64, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.last, s.last != 0 && !s.doubt
}

// begin notes that an append is on its way.
func (g *edge) begin() (ticket uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ticket++
	g.flying[g.ticket] = true
	return g.ticket
}

// end notes what came of an append.
func (g *edge) end(ticket uint64, s *subject, f follower, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.flying, ticket)
	switch {
	case err == nil:
		s.last, s.doubt = f.Seq, false
		if f.Seq >= g.next {
			g.early[f.Seq] = early{f, g.ticket}
		}
	case !errors.Is(err, ErrFull) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrFenced):
		s.doubt = true
		g.endCursors(func(c *cursor) bool { return c.wants(f.Subject) })
	}
	g.handOut()
}

// handOut gives what was stored to its readers, in order. Appends are answered in any order; where a sequence is missing that
// no append on its way can have got, only the server knows what it is.
func (g *edge) handOut() {
	for len(g.early) > 0 {
		e, ok := g.early[g.next]
		if !ok {
			first := g.firstEarly()
			if g.open(g.early[first].ticket) {
				return
			}
			g.endCursors(func(*cursor) bool { return true })
			g.next = first
			continue
		}
		delete(g.early, g.next)
		g.next++
		for c := range g.cursors {
			if c.wants(e.Subject) {
				g.give(c, e.follower)
			}
		}
	}
}

func (g *edge) firstEarly() uint64 {
	first := uint64(0)
	for seq := range g.early {
		if first == 0 || seq < first {
			first = seq
		}
	}
	return first
}

// open reports whether an append up to ticket is still on its way.
func (g *edge) open(ticket uint64) bool {
	for f := range g.flying {
		if f <= ticket {
			return true
		}
	}
	return false
}

// endCursors ends the cursors that which names. Their readers go on behind what they have got.
func (g *edge) endCursors(which func(*cursor) bool) {
	for c := range g.cursors {
		if which(c) {
			g.drop(c)
		}
	}
}

func (g *edge) drop(c *cursor) {
	delete(g.cursors, c)
	c.ended = true
	c.wake()
}

func (g *edge) give(c *cursor, f follower) {
	if g.held+len(f.Data) > maxHeld {
		g.drop(c)
		return
	}
	g.held += len(f.Data)
	c.queue = append(c.queue, f)
	c.wake()
}

// close ends all cursors, and those to come.
func (g *edge) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.endCursors(func(*cursor) bool { return true })
}

// cursor is a reader's place at the end of a stream.
type cursor struct {
	edge     *edge
	subjects []string // none means all
	ready    chan struct{}
	queue    []follower // guarded by edge.mu, as ended
	ended    bool
}

func (c *cursor) wants(subject string) bool {
	return len(c.subjects) == 0 || slices.Contains(c.subjects, subject)
}

func (c *cursor) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// join gives a reader that has read all up to last a cursor, nil when there is more to read. drained says that the server
// had nothing more for it once.
func (g *edge) join(subjects []string, last uint64, drained bool) *cursor {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || last < g.base && !drained {
		return nil
	}
	missed := func(s *subject) bool { return s != nil && (s.doubt || s.last > last) }
	if slices.ContainsFunc(subjects, func(name string) bool { return missed(g.subjects[name]) }) {
		return nil
	}
	if len(subjects) == 0 && slices.ContainsFunc(slices.Collect(maps.Values(g.subjects)), missed) {
		return nil
	}
	c := &cursor{edge: g, subjects: subjects, ready: make(chan struct{}, 1)}
	g.cursors[c] = true
	return c
}

// take returns the next message; when there is none, false, and whether there will be.
func (c *cursor) take() (f follower, ok, more bool) {
	c.edge.mu.Lock()
	defer c.edge.mu.Unlock()
	if len(c.queue) == 0 {
		return f, false, !c.ended
	}
	f = c.queue[0]
	c.queue[0] = follower{}
	c.queue = c.queue[1:]
	c.edge.held -= len(f.Data)
	return f, true, true
}

// leave gives up the cursor and what waits in it.
func (c *cursor) leave() {
	c.edge.mu.Lock()
	defer c.edge.mu.Unlock()
	c.edge.drop(c)
	for _, f := range c.queue {
		c.edge.held -= len(f.Data)
	}
	c.queue = nil
}
