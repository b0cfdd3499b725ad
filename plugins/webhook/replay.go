package webhook

import (
	"sync"
	"time"
)

// maxRemembered bounds how many deliveries are remembered; beyond, the oldest are forgotten early.
const maxRemembered = 100_000

// standing is what is known of a delivery.
type standing int

const (
	fresh  standing = iota // nobody has sent it
	busy                   // it is being stored
	stored                 // it is durable
)

// memory remembers deliveries for a while, so that one which comes again is not stored again. Several goroutines use it.
type memory struct {
	window time.Duration

	mu    sync.Mutex // guards all below
	known map[string]standing
	order []remembered // stored ones, oldest first
}

type remembered struct {
	key string
	at  time.Time
}

func newMemory(window time.Duration) *memory {
	return &memory{window: window, known: map[string]standing{}}
}

// begin returns what is known of a delivery. After fresh the caller stores it, and calls end.
func (m *memory) begin(key string, now time.Time) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	is := m.known[key]
	if is == fresh {
		m.known[key] = busy
	}
	return is
}

// end notes whether the delivery is durable.
func (m *memory) end(key string, durable bool, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !durable {
		delete(m.known, key)
		return
	}
	m.known[key] = stored
	m.order = append(m.order, remembered{key, now})
	m.forget(now)
}

// forget drops what is too old or too much. Called with mu held.
func (m *memory) forget(now time.Time) {
	n := 0
	for n < len(m.order) && (len(m.order)-n > maxRemembered || now.Sub(m.order[n].at) > m.window) {
		delete(m.known, m.order[n].key)
		n++
	}
	m.order = m.order[n:]
}
