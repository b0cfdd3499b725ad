package broker

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

const maxWarnings = 32 // kept for Status; older ones go

// Warning is one thing the server or the client complained about.
type Warning struct {
	Time  time.Time `json:"time"`  // last time it was said
	Count int       `json:"count"` // how often
	Text  string    `json:"text"`
}

// recorder is the server's logger (server.Logger): it passes lines on and keeps warnings for Status, because several
// losses that JetStream notices are said in its log and nowhere else.
type recorder struct {
	out   hclog.Logger
	stuck *stuck // hears of every error

	mu       sync.Mutex
	warnings []Warning // oldest first
	fatal    string    // last reason why the server gave up
}

func newRecorder(out hclog.Logger, s *stuck) *recorder {
	return &recorder{out: out.Named("nats"), stuck: s}
}

// Noticef implements server.Logger.
func (r *recorder) Noticef(format string, v ...any) { r.out.Debug(fmt.Sprintf(format, v...)) }

// Debugf implements server.Logger. The server's debug lines are switched off.
func (r *recorder) Debugf(format string, v ...any) { r.out.Trace(fmt.Sprintf(format, v...)) }

// Tracef implements server.Logger. Trace lines could show payloads: dropped.
func (r *recorder) Tracef(string, ...any) {}

// Warnf implements server.Logger.
func (r *recorder) Warnf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if harmless(text) {
		return
	}
	r.out.Warn(text)
	r.keep(text)
}

// Errorf implements server.Logger.
func (r *recorder) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	r.stuck.hear(text)
	r.out.Error(text)
	r.keep(text)
}

// Fatalf implements server.Logger. The server stops itself after it; it never ends the process.
func (r *recorder) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	r.out.Error(text)
	r.keep(text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fatal = text
}

// harmless names warnings that say nothing about stored data and come at every start.
func harmless(text string) bool {
	return strings.Contains(text, "discouraged and could lead to poor performance")
}

func (r *recorder) keep(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for i := range r.warnings {
		if r.warnings[i].Text == text {
			r.warnings[i].Time, r.warnings[i].Count = now, r.warnings[i].Count+1
			return
		}
	}
	if len(r.warnings) == maxWarnings {
		r.warnings = append(r.warnings[:0], r.warnings[1:]...)
	}
	r.warnings = append(r.warnings, Warning{Time: now, Count: 1, Text: text})
}

func (r *recorder) kept() []Warning {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Warning(nil), r.warnings...)
}

// lastFatal returns why the server gave up, or "" when it did not.
func (r *recorder) lastFatal() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fatal
}
