package flow

import (
	"sync"
	"time"
)

// spell is the time a block has been in its state, and what it has waited for the log or for its target in all. Its zero value
// is ready. Safe for concurrent use.
type spell struct {
	mu     sync.Mutex // guards all below
	since  time.Time
	waited time.Duration    // in waits that have ended
	next   time.Time        // when a failed plugin is started again, zero when that is not planned
	seen   func() time.Time // when the plugin last said something; nil while there is none
}

// turn notes that a state was taken.
func (s *spell) turn(before, now State) {
	if before == now {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Now()
	if before == StateWaiting {
		s.waited += at.Sub(s.since)
	}
	s.since, s.next = at, time.Time{}
}

// again notes when a failed plugin is started again.
func (s *spell) again(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = at
}

// proven notes who knows when the plugin last said something; nil when the plugin has gone.
func (s *spell) proven(seen func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
}

// report adds what is known of time.
func (s *spell) report(r *Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	waited := s.waited
	if !s.since.IsZero() {
		r.For = now.Sub(s.since).Seconds()
		if r.State == StateWaiting {
			waited += now.Sub(s.since)
		}
	}
	r.Waited = waited.Seconds()
	if r.State == StateFailing && s.next.After(now) {
		r.NextTry = s.next.UTC()
	}
	if s.seen != nil {
		r.Quiet = max(now.Sub(s.seen()), 0).Seconds()
	}
}
