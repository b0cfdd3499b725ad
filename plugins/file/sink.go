package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

// SinkConfig is the configuration of a file sink.
type SinkConfig struct {
	Path    string       `pintle:"path,required" doc:"File that events are appended to. Its folder must exist."`
	Format  string       `pintle:"format" enum:"jsonl,text" default:"jsonl" doc:"jsonl writes each event as a CloudEvent in one line of JSON, text writes the attribute line."`
	Line    sdk.PerEvent `pintle:"line" doc:"What format = \"text\" writes for an event, on one line; null writes nothing. Without it: time, author, annotations and text."`
	Rotate  string       `pintle:"rotate" enum:"none,day,size" default:"none" doc:"When a new file is begun: never, on the first event of a UTC day, or when the file has reached max_size. The old one gets the day or a number into its name."`
	MaxSize sdk.Size     `pintle:"max_size" default:"100MiB" min:"1KiB" doc:"Size at which rotate = \"size\" begins a new file."`
}

// Sink declares the sink "file", which appends events to a file.
func Sink() sdk.SinkSpec {
	return sdk.NewSink("file", "Appends events to a file, one line each, and has them on the disk before it says so.", sdk.LookFirst, openSink)
}

// fileSink appends to one file, which it holds a lock on. A line is either whole or not there: what an interrupted write left
// behind is cut off before the next one.
type fileSink struct {
	config SinkConfig
	log    *appender
	seen   *recent
	// journal tells which events the lines of a text file are; nil for jsonl, whose lines tell it themselves.
	journal *journal
	// remembered tells that seen knows the end of the file.
	remembered bool
	buf        []byte
}

func openSink(_ context.Context, c SinkConfig) (sdk.Sink, error) {
	if c.Line.IsSet() && c.Format != "text" {
		return nil, sdk.Errorf(sdk.Invalid, "line has no effect with format = %q; set format = \"text\" or remove it", c.Format)
	}
	s := &fileSink{config: c, seen: newRecent(recentKeys)}
	err := s.open()
	if errors.Is(err, errLocked) { // a predecessor that a reload replaces: it is gone when the first event comes
		return s, nil
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Write appends the events that are not in the file yet, and returns when they are on the disk. A full disk is an error that
// concerns them all, and leaves the file as it was.
func (s *fileSink) Write(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	results := in.Results()
	var keys []key
	var ends []int
	fresh := make(map[key]bool, in.Len())
	s.buf = s.buf[:0]
	for i := range results {
		e := in.Event(i)
		k := keyOf(e.Source, e.ID, cloudevent.Revision(e))
		if fresh[k] || s.seen.has(k) {
			results[i].Outcome = sdk.Duplicate
			continue
		}
		line, err := s.line(in, i)
		if err != nil {
			results[i] = sdk.RejectWith("not json", "data", err.Error())
			continue
		}
		if line == nil {
			continue
		}
		fresh[k] = true
		s.buf = append(append(s.buf, line...), '\n')
		keys, ends = append(keys, k), append(ends, len(s.buf))
	}
	if err := s.append(keys, ends); err != nil {
		return nil, sdk.Errorf(sdk.Unavailable, "append to %s: %w", s.config.Path, err)
	}
	return results, nil
}

func (s *fileSink) line(in *sdk.Batch, i int) ([]byte, error) {
	if s.config.Format == "jsonl" {
		return cloudevent.Marshal(in.Event(i))
	}
	return textLine(in, i, s.config.Line), nil
}

// append writes what is in buf: the lines of the events keys, which end at ends.
func (s *fileSink) append(keys []key, ends []int) error {
	if len(keys) == 0 {
		return nil
	}
	if s.journal != nil {
		if err := s.journal.intend(s.log.size, keys, ends, s.seen); err != nil {
			return err
		}
	}
	if err := s.log.append(s.buf); err != nil {
		if s.journal != nil {
			s.journal.revoke()
		}
		return err
	}
	for _, k := range keys {
		s.seen.add(k)
	}
	return nil
}

// prepare makes the file ready for a line: open at its path, whole, and not due for rotation.
func (s *fileSink) prepare() error {
	if s.log != nil && !s.log.at(s.config.Path) {
		if err := s.closeLog(); err != nil { // someone moved the file away, or deleted it
			return sdk.Errorf(sdk.Unavailable, "close %s: %w", s.config.Path, err)
		}
	}
	if s.log == nil {
		if err := s.open(); err != nil { // whatever it is, the events can wait until it is mended
			return sdk.Errorf(sdk.Unavailable, "open again: %w", err)
		}
	}
	if err := s.log.mend(); err != nil {
		return sdk.Errorf(sdk.Unavailable, "cut an unfinished line off %s: %w", s.config.Path, err)
	}
	if err := s.rotate(); err != nil {
		return sdk.Errorf(sdk.Unavailable, "begin a new file at %s: %w", s.config.Path, err)
	}
	return nil
}

// open opens the file and mends it. The error's code says whether trying again makes sense.
func (s *fileSink) open() error {
	log, err := openAppender(s.config.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sdk.Errorf(sdk.NotFound, "there is no folder %s; create it, or change path", filepath.Dir(s.config.Path))
	case errors.Is(err, fs.ErrPermission):
		return sdk.Errorf(sdk.Denied, "open %s: not allowed; give the user of the hub the right to write there", s.config.Path)
	case errors.Is(err, errNoFile):
		return sdk.Errorf(sdk.Invalid, "%s is not a plain file; change path", s.config.Path)
	case err != nil:
		return sdk.Errorf(sdk.Unavailable, "open %s: %w", s.config.Path, err)
	}
	if err := saveTorn(log, s.config.Path+".torn"); err != nil {
		return sdk.Errorf(sdk.Unavailable, "save the unfinished line of %s: %w", s.config.Path, errors.Join(err, log.close()))
	}
	s.log = log
	if s.remembered {
		return nil
	}
	if err := s.remember(); err != nil {
		return err
	}
	s.remembered = true
	return nil
}

// remember fills seen with the keys of the last events in the file, so that those which come again after a crash are known.
func (s *fileSink) remember() error {
	if s.config.Format == "text" {
		j, err := openJournal(s.config.Path+".ids", s.log.size, s.seen)
		s.journal = j
		return err
	}
	return rememberLines(s.config.Path, s.seen)
}

// Close releases the file.
func (s *fileSink) Close() error {
	err := s.closeLog()
	if s.journal != nil {
		err = errors.Join(err, s.journal.close())
	}
	return err
}

func (s *fileSink) closeLog() error {
	if s.log == nil {
		return nil
	}
	err := s.log.close()
	s.log = nil
	return err
}

// errNoFile says that a path names a folder, a pipe or a device.
var errNoFile = fmt.Errorf("not a plain file: %w", os.ErrInvalid)
