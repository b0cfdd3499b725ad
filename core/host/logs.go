package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/time/rate"
)

const (
	maxLine    = 64 << 10 // bytes of a line we look at; the rest of it is thrown away
	lineCost   = 256      // bytes of a line that count as one against Config.LogRate; a shorter one costs as much to read
	byteRate   = 16 << 20 // bytes a second we are willing to read from one plugin: a flood slows the plugin, not the hub
	byteBurst  = 1 << 20
	burstLines = 5 // seconds' worth of lines that may come at once
)

// LogCount counts a plugin's log lines.
type LogCount struct {
	Lines   uint64 // all that came, those below the log level included
	Dropped uint64 // those above the level that were dropped for exceeding Config.LogRate
}

// sink takes all that one plugin prints: it keeps the end of it for the post mortem and logs what level and rate allow.
type sink struct {
	logger   hclog.Logger
	lines    *rate.Limiter
	bytes    *rate.Limiter
	mu       sync.Mutex // never held while logging: a blocked terminal must not block Exit
	tail     ring
	counted  LogCount
	reported uint64 // of counted.Dropped, what the log has been told
}

func newSink(logger hclog.Logger, perSecond int) *sink {
	burst := max(perSecond*burstLines, 2*maxLine/lineCost)
	return &sink{
		logger: logger,
		lines:  rate.NewLimiter(rate.Limit(perSecond), burst),
		bytes:  rate.NewLimiter(byteRate, byteBurst),
	}
}

// pump logs what comes from the process until its end. It keeps reading whatever comes, so that the process never blocks
// for good on a full pipe. The first handshake line goes to handshake instead, unless that is nil. Once ctx ends it reads what is
// left without sparing anything.
func (s *sink) pump(ctx context.Context, from io.Reader, stream string, handshake *pipe) {
	isHandshake := regexp.MustCompile(`^\d+\|\d+\|(unix|tcp)\|`)
	r := bufio.NewReaderSize(from, maxLine)
	for {
		line, cut, err := s.readLine(ctx, r)
		s.pay(ctx, len(line))
		switch {
		case handshake != nil && isHandshake.Match(line):
			handshake.offer(append(line[:len(line):len(line)], '\n'))
			handshake = nil
		case len(line) > 0:
			s.line(stream, line, cut)
		}
		if err != nil {
			return
		}
	}
}

// pay waits until n more bytes may be read. Empty lines are not free, nor is what is thrown away.
func (s *sink) pay(ctx context.Context, n int) {
	_ = s.bytes.WaitN(ctx, min(max(n, lineCost), byteBurst)) // fails only when ctx ends: it is no more than the burst
}

// readLine returns the next line without its end, valid until the next call, and whether it was longer than the reader's
// buffer. With an error, which is the end, comes what there was before it.
func (s *sink) readLine(ctx context.Context, r *bufio.Reader) (line []byte, cut bool, err error) {
	line, err = r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line) // discard overwrites the buffer
		return line, true, s.discardLine(ctx, r)
	}
	return bytes.TrimRight(line, "\r\n"), false, err
}

func (s *sink) discardLine(ctx context.Context, r *bufio.Reader) error {
	for {
		part, err := r.ReadSlice('\n')
		s.pay(ctx, len(part))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// line takes one line. It is safe for concurrent use.
func (s *sink) line(stream string, line []byte, cut bool) {
	defer func() {
		// A bug here must not cost the hub its life: the line comes from a stranger. // promise 5
		if r := recover(); r != nil {
			s.logger.Error("bug: a plugin's log line could not be handled", "stream", stream, "bytes", len(line))
		}
	}()
	if !s.admit(line) {
		return
	}
	s.flush()
	e := parseLine(line, cut)
	s.logger.Log(e.level, e.message, append(e.fields, "stream", stream)...)
}

// admit keeps the line for the post mortem and says whether it should be logged too. The level comes first: it is the
// cheapest, and what is below it does not use up the rate.
func (s *sink) admit(line []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tail.add(line)
	s.counted.Lines++
	if guessLevel(line) < threshold(s.logger) {
		return false
	}
	if !s.lines.AllowN(time.Now(), 1+len(line)/lineCost) {
		s.counted.Dropped++
		return false
	}
	return true
}

// threshold is the level below which logger logs nothing. hclog's null logger does not say that it is off.
func threshold(logger hclog.Logger) hclog.Level {
	if !logger.IsError() {
		return hclog.Off
	}
	return logger.GetLevel()
}

// flush tells the log what was dropped since the last time.
func (s *sink) flush() {
	s.mu.Lock()
	n := s.counted.Dropped - s.reported
	s.reported = s.counted.Dropped
	s.mu.Unlock()
	if n > 0 {
		s.logger.Warn("plugin logs too much, lines dropped", "dropped", n)
	}
}

func (s *sink) count() LogCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted
}

func (s *sink) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tail.String()
}

// lineWriter makes lines of what go-plugin brings from a plugin's os.Stdout or os.Stderr in small pieces. One goroutine
// writes to it.
type lineWriter struct {
	sink   *sink
	stream string
	part   []byte // an unfinished line
	cut    bool
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.sink.pay(context.Background(), len(p))
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte{'\n'})
		room := maxLine - len(w.part)
		w.cut = w.cut || len(line) > room
		w.part = append(w.part, line[:min(len(line), room)]...)
		if whole {
			w.end()
		}
		rest = after
	}
	return len(p), nil
}

func (w *lineWriter) end() {
	if len(w.part) > 0 {
		w.sink.pay(context.Background(), 0)
		w.sink.line(w.stream, bytes.TrimRight(w.part, "\r"), w.cut)
	}
	w.part, w.cut = w.part[:0], false
}
