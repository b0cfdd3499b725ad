package broker

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// stuck says why the embedded server cannot store any more, from the moment it complained until it is started again. Without
// it, who appends would learn nothing for as long as a request may take: a server that met a full disk does not answer.
type stuck struct {
	mu     sync.Mutex
	reason string
	ctx    context.Context // ends when the server gets stuck; renewed by clear
	cancel context.CancelCauseFunc
}

// fatalWords are how the server says that it does not store any more.
func fatalWords(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "critical write error") || strings.Contains(text, "out of space") ||
		strings.Contains(text, "will be disabled")
}

// hear takes a line of the server's log.
func (s *stuck) hear(text string) {
	if !fatalWords(text) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" || strings.Contains(text, "space left") {
		s.reason = text
	}
	if s.cancel != nil {
		s.cancel(s.complaint())
	}
}

// clear forgets it: the server was started again.
func (s *stuck) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reason = ""
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
}

// err is what who appends is told, nil while all is well.
func (s *stuck) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complaint()
}

// complaint is called with mu held.
func (s *stuck) complaint() error {
	if s.reason == "" {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnavailable, plain(s.reason))
}

// why is the reason alone.
func (s *stuck) why() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return plain(s.reason)
}

// plain says what the system's words mean.
func plain(text string) string {
	for words, meaning := range map[string]string{
		"no space left on device": "the disk is full",
		"out of space":            "the disk is full",
		"read-only file system":   "the disk is read-only",
		"input/output error":      "the disk fails",
		"disk quota exceeded":     "the disk quota is used up",
	} {
		if strings.Contains(text, words) {
			return meaning + " (" + strings.TrimSpace(text) + ")"
		}
	}
	return text
}

// told is closed when the server gets stuck.
func (s *stuck) told() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx == nil { // external: never
		return nil
	}
	return s.ctx.Done()
}

// interrupt calls f when the server gets stuck, until the function it returns is called. That tells whether it did, although
// the server may have been started again since.
func (s *stuck) interrupt(f func()) (stop func() error) {
	s.mu.Lock()
	ctx := s.ctx
	s.mu.Unlock()
	if ctx == nil {
		return func() error { return nil }
	}
	undo := context.AfterFunc(ctx, f)
	return func() error { undo(); return context.Cause(ctx) }
}
