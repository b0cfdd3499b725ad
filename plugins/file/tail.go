package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/pintle-hub/pintle/sdk"
)

// quietPasses is how many passes a file that was rotated away must not grow before it is let go: its writer may hold it open
// for a while.
const quietPasses = 5

// tail is one run over the files of a pattern. One goroutine uses it.
type tail struct {
	*source
	files   []*tracked
	scan    scanner
	pending []sdk.Event // of all that was read since the last Send
	bytes   int         // read for pending
	out     sdk.Emitter
	failed  error // of a flush: the run is over
}

// tracked is a file and the place reached in it.
type tracked struct {
	mark
	f      *os.File // nil until its first pass
	format format
	sealed int64       // offset of the last fingerprint
	seen   os.FileInfo // at the end of the last pass, nil before
	quiet  int         // passes since a retired file grew

	claimed bool // during find: a path leads to it
}

func newTail(s *source, from sdk.Position, out sdk.Emitter) (*tail, error) {
	marks, err := parsePosition(from)
	if err != nil {
		return nil, err
	}
	t := &tail{source: s, out: out}
	t.scan.max = int(s.config.MaxLine)
	for _, m := range marks {
		t.files = append(t.files, &tracked{mark: *m, sealed: m.Offset})
	}
	return t, nil
}

func (t *tail) close() {
	for _, f := range t.files {
		f.close()
	}
}

func (f *tracked) close() {
	if f.f != nil {
		_ = f.f.Close() // it was only read
		f.f = nil
	}
}

// pass looks for the files and reads what is new in each. Faults of one file do not keep it from the others. final tells that
// it is the last pass.
func (t *tail) pass(ctx context.Context, final bool) error {
	errs := []error{t.find()}
	for _, f := range t.files {
		errs = append(errs, t.read(ctx, f, final))
		if t.failed != nil {
			return t.failed
		}
	}
	t.files = slices.DeleteFunc(t.files, func(f *tracked) bool {
		done := f.Retired && (final || f.quiet >= quietPasses)
		if done {
			f.close()
		}
		return done
	})
	errs = append(errs, t.flush(ctx))
	return errors.Join(errs...)
}

// flush hands over what was read, with the places reached.
func (t *tail) flush(ctx context.Context) error {
	if len(t.pending) == 0 {
		return nil
	}
	at, err := encodePosition(t.files)
	if err == nil {
		err = t.out.Send(ctx, at, t.pending...)
	}
	if err != nil {
		t.failed = fmt.Errorf("send events: %w", err)
	}
	t.pending, t.bytes = nil, 0
	return t.failed
}
