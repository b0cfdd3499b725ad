package file

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

const (
	chunkEvents = 256       // events a Send takes at most
	chunkBytes  = 512 << 10 // bytes of the file after which a Send is due
)

// read reads what is new in f. final tells that nothing will be appended to it.
func (t *tail) read(ctx context.Context, f *tracked, final bool) error {
	info, err := f.f.Stat()
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	same := f.seen != nil && info.Size() == f.seen.Size() && info.ModTime().Equal(f.seen.ModTime())
	final = final || f.leaving(same)
	if same && !final {
		return nil
	}
	if !same && (info.Size() < f.Offset || !f.verify(f.f)) {
		t.restart(f)
	}
	if err := t.readFrom(ctx, f, final); err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	f.seen = info
	return nil
}

// leaving counts the quiet passes of a retired file and reports whether this is its last.
func (f *tracked) leaving(quiet bool) bool {
	if !f.Retired {
		return false
	}
	f.quiet++
	if !quiet {
		f.quiet = 0
	}
	return f.quiet >= quietPasses
}

// restart begins f anew, because its contents were replaced.
func (t *tail) restart(f *tracked) {
	slog.Warn("a file was cut or written anew; it is read from its beginning, and what was written before that and not yet "+
		"read is lost", "path", f.Path, "offset", f.Offset)
	f.mark = mark{Path: f.Path, Inode: f.Inode, Gen: t.generation(f.Path), Retired: f.Retired}
	f.sealed, f.format = 0, nil
}

// readFrom reads the entries of f from its offset on.
func (t *tail) readFrom(ctx context.Context, f *tracked, final bool) error {
	err := t.bind(f, final)
	if errors.Is(err, errNoHeader) {
		return nil
	}
	if err != nil {
		return err
	}
	t.scan.split = f.format.split
	t.scan.reset(f.f, f.Offset, readBefore(f.f, f.Offset))
	for {
		e, ok, err := t.scan.next(final)
		if err != nil {
			f.sealNow(readBefore(f.f, f.Offset)) // the scanner may have stopped inside an entry
			return err
		}
		if !ok {
			f.sealNow(t.scan.before())
			return nil
		}
		t.take(f, e)
		if len(t.pending) >= chunkEvents || t.bytes >= chunkBytes {
			f.sealNow(t.scan.before())
			if err := t.flush(ctx); err != nil {
				return err
			}
		}
	}
}

func (f *tracked) sealNow(before []byte) {
	f.seal(f.f, before, f.sealed)
	f.sealed = f.Offset
}

// bind gives f its format, which for a table begins with the header.
func (t *tail) bind(f *tracked, final bool) error {
	if f.format != nil {
		return nil
	}
	if isUTF16(f.f) {
		return sdk.Errorf(sdk.Invalid, "the file is UTF-16; convert it to UTF-8")
	}
	switch t.config.Format {
	case formatJSONL:
		f.format = jsonLines{t.fields}
	case formatLines:
		f.format = plainLines{}
	case formatCSV:
		table, size, lines, err := newTable(t.source, f.f, final)
		if err != nil {
			return err
		}
		f.format = table
		if f.Offset < size {
			f.Offset, f.Line = size, lines
		}
	}
	return nil
}

// take makes an event of an entry, whatever it is, and moves the place behind it. Blank lines are no entries.
func (t *tail) take(f *tracked, e entry) {
	at := place{f, e.at, f.Line + 1}
	f.Offset, f.Line = e.end, f.Line+e.lines
	t.bytes += int(e.end - e.at)
	if isBlank(e.raw) && e.fault == "" {
		return
	}
	if t.pending == nil {
		t.pending = make([]sdk.Event, 0, chunkEvents)
	}
	t.pending = append(t.pending, t.event(f, e, at))
}

func (t *tail) event(f *tracked, e entry, at place) sdk.Event {
	if e.fault != "" {
		return t.rejected(at, e.raw, e.fault)
	}
	event, err := f.format.event(e.raw)
	if err == nil {
		err = fieldmap.Check(&event)
	}
	if err != nil {
		return t.rejected(at, e.raw, err.Error())
	}
	t.finish(&event, at, e.raw)
	return event
}

func isBlank(raw []byte) bool {
	for _, c := range raw {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
