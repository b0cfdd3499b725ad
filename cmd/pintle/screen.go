package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/hub"
)

// How often progress is shown: redrawn on a terminal, or as a line of text.
const (
	redrawEvery = 250 * time.Millisecond
	lineEvery   = 2 * time.Second
)

// screen is where a run shows itself. On a terminal it keeps a few lines of progress below everything else: log lines, and
// what sinks print, push them down. Elsewhere it only passes on.
type screen struct {
	std    *streams
	shown  bool     // progress is asked for
	redraw bool     // in place, on a terminal
	pipe   *os.File // what sinks print comes through here, so that it does not run into the progress
	copied chan struct{}

	mu    sync.Mutex
	block string // the lines below
}

func newScreen(std *streams, shown bool) *screen {
	return &screen{std: std, shown: shown, redraw: shown && isTerminal(std.err) && os.Getenv("TERM") != "dumb"}
}

// logger returns the hub's logger.
func (s *screen) logger(level string) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Name: "pintle", Output: s, Level: hclog.LevelFromString(level)})
}

// Write writes log lines above the progress.
func (s *screen) Write(b []byte) (int, error) { return s.above(s.std.err, b) }

func (s *screen) above(w io.Writer, b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(s.erased())
	n, err := w.Write(b)
	s.put(s.block)
	return n, err
}

// erased returns what clears the lines below away.
func (s *screen) erased() string {
	if n := strings.Count(s.block, "\n"); n > 0 {
		return fmt.Sprintf("\r\x1b[%dA\x1b[J", n) // the terminal may have echoed a key: back to the first column
	}
	return ""
}

func (s *screen) put(text string) {
	if text != "" {
		_, _ = io.WriteString(s.std.err, text) // a terminal that is gone is no reason to stop
	}
}

// draw replaces the lines below.
func (s *screen) draw(block string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(s.erased() + block)
	s.block = block
}

// stdout returns what the hub's sinks shall print to.
func (s *screen) stdout() (*os.File, error) {
	out, ok := s.std.out.(*os.File)
	if !ok || !s.redraw || !isTerminal(out) {
		return out, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.pipe, s.copied = w, make(chan struct{})
	go func() {
		defer close(s.copied)
		defer r.Close()
		lines := bufio.NewReader(r)
		for {
			line, err := lines.ReadString('\n')
			if line != "" {
				_, _ = s.above(out, []byte(strings.TrimSuffix(line, "\n")+"\n"))
			}
			if err != nil {
				return
			}
		}
	}()
	return w, nil
}

// watch shows the progress until ctx ends.
func (s *screen) watch(ctx context.Context, status func(context.Context) hub.Status) {
	if !s.shown {
		return
	}
	every := lineEvery
	if s.redraw {
		every = redrawEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var p progress
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.note(status(ctx))
		if s.redraw {
			s.draw(p.block(s.std.ink(s.std.err), width(s.std.err)))
		} else {
			s.std.say("progress: %s", p.line())
		}
	}
}

// close ends the progress, after the hub has closed: what sinks printed is out by then.
func (s *screen) close() {
	if s.pipe != nil {
		_ = s.pipe.Close()
		<-s.copied
	}
	s.draw("")
}
