package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

// StdoutConfig is the configuration of a stdout sink.
type StdoutConfig struct {
	Format string       `pintle:"format" enum:"text,json" default:"text" doc:"text writes the attribute text, json writes each event as a CloudEvent in one line of JSON."`
	Text   sdk.PerEvent `pintle:"text" doc:"What to write for an event, on one line; null writes nothing. Without it: time, author, annotations and text."`
}

// Stdout declares the sink "stdout", which shows events where the hub was started.
func Stdout() sdk.SinkSpec {
	spec := sdk.NewSink("stdout", "Shows events on the standard output of the hub, one line each.", sdk.NoKey,
		func(_ context.Context, c StdoutConfig) (sdk.Sink, error) {
			out, err := hubStdout()
			if err != nil {
				return nil, err
			}
			return NewStdout(c, out)
		})
	spec.Stdout = true
	return spec
}

// hubStdout returns the hub's standard output, which it gives to programs of its own as file descriptor 3. There is one
// os.File for it in a process: each closes its descriptor when it is forgotten, under the feet of the others.
var hubStdout = sync.OnceValues(func() (*os.File, error) {
	f := os.NewFile(3, "stdout of the hub")
	if _, err := f.Stat(); err != nil {
		return nil, sdk.Errorf(sdk.Internal, "file descriptor 3 is closed; a stdout sink works only in a program that the hub starts")
	}
	return f, nil
})

// stdoutSink writes lines to a stream.
type stdoutSink struct {
	config StdoutConfig
	out    io.Writer
	torn   bool // the last line was not finished
	buf    []byte
	ends   []int
}

// NewStdout returns a stdout sink that writes to out. Stdout calls it with the hub's standard output, tests with a buffer.
func NewStdout(c StdoutConfig, out io.Writer) (sdk.Sink, error) {
	if c.Text.IsSet() && c.Format == "json" {
		return nil, sdk.Errorf(sdk.Invalid, "text has no effect with format = \"json\"; remove one of them")
	}
	return &stdoutSink{config: c, out: out}, nil
}

// Write writes one line for each event. Lines of one batch are written together, so that those of several sinks do not mix.
func (s *stdoutSink) Write(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	results := in.Results()
	s.buf, s.ends = s.buf[:0], s.ends[:0]
	if s.torn {
		s.buf = append(s.buf, '\n')
	}
	for i := range results {
		line, err := s.line(in, i)
		switch {
		case err != nil:
			results[i] = sdk.RejectWith("not json", "data", err.Error())
		case line != nil:
			s.buf = append(append(s.buf, line...), '\n')
		}
		s.ends = append(s.ends, len(s.buf))
	}
	if len(s.buf) == 0 {
		return results, nil
	}
	n, err := s.out.Write(s.buf)
	if err != nil {
		s.fail(results, n, err)
	}
	if n > 0 {
		s.torn = s.buf[n-1] != '\n'
	}
	return results, nil
}

func (s *stdoutSink) line(in *sdk.Batch, i int) ([]byte, error) {
	if s.config.Format == "json" {
		line, err := cloudevent.Marshal(in.Event(i))
		return escapeControls(line), err
	}
	return textLine(in, i, s.config.Text), nil
}

// fail answers for the events whose line was not written whole.
func (s *stdoutSink) fail(results []sdk.Result, n int, err error) {
	answer := sdk.RetryAfter(0, "write to the standard output: "+reason(err))
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, fs.ErrClosed) {
		answer = sdk.FatalWith("closed", "nobody reads the standard output of the hub any more; remove the sink or keep its reader running")
	}
	for i := range results {
		if s.ends[i] > n && results[i].Outcome == sdk.Done {
			results[i] = answer
		}
	}
}

// reason returns the system's own word for an error.
func reason(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		return no.Error()
	}
	return "it failed"
}

// escapeControls writes the control characters that JSON allows in a string, but terminals obey, as escapes.
func escapeControls(line []byte) []byte {
	clean := make([]byte, 0, len(line))
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if r >= 0x7f && r < 0xa0 {
			clean = fmt.Appendf(clean, `\u%04x`, r)
		} else {
			clean = append(clean, line[i:i+n]...)
		}
		i += n
	}
	return clean
}
