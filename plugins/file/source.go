package file

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

// SourceConfig is the configuration of source "file".
type SourceConfig struct {
	Path       string            `pintle:"path,required" doc:"The file to read, or a pattern such as \"in/*.jsonl\" for several. Relative to the folder of the configuration."`
	Format     string            `pintle:"format" enum:"jsonl,csv,lines" doc:"jsonl: one JSON object a line. csv: a table as in RFC 4180. lines: each line is the text of an event. Without it the ending of path decides: .jsonl and .ndjson, .csv, .txt and .log."`
	Fields     map[string]string `pintle:"fields" doc:"What goes where: a field of the event (id, time, author, text, title, html, url, language, kind, rating, key, thread, ...) on the left, the column or the path of the JSON member (\"post.id\") on the right. What is not named is kept in event.data. Without fields all of an entry is event.data and no feedback is made. Not for lines."`
	TimeFormat string            `pintle:"time_format" doc:"How the entries write their time: \"unix\" (seconds), \"unix_ms\", or the way Go would write 2 January 2006 15:04:05 -0700, such as \"02.01.2006 15:04\". Without it RFC 3339, \"2006-01-02 15:04:05\" with or without a zone, a date alone, and Unix seconds or milliseconds since 1973 are understood. A time without a zone is UTC."`
	Kind       string            `pintle:"kind" doc:"The kind of all events (post, comment, review, message, email, call, note, visit, survey), unless a field is mapped to kind."`
	Instance   string            `pintle:"instance" doc:"Names the channel in the identity of its events. Change it and all events are new. Without it: the last part of path."`
	Follow     bool              `pintle:"follow" doc:"Go on reading what is appended, also when the file is rotated, instead of ending at the end of the file."`
	Every      time.Duration     `pintle:"every" default:"1s" min:"10ms" doc:"With follow: the pause between two looks at the files."`
	Delimiter  string            `pintle:"delimiter" default:"," doc:"csv: the character between two cells; \"\\t\" for a tab."`
	Header     bool              `pintle:"header" default:"true" doc:"csv: the first row names the columns. Without it they are called 1, 2, 3 and so on."`
	MaxLine    sdk.Size          `pintle:"max_line" default:"1020KiB" min:"64" max:"1020KiB" doc:"A longer line, or row of a table, is rejected."`
}

// Source declares source "file".
func Source() sdk.SourceSpec {
	s := sdk.NewSource("file", "Reads files of JSON lines, CSV or plain lines; with follow it reads on as they grow and rotate.", openSource)
	s.Finite = true
	return s
}

// source reads the files of one pattern. It holds what the configuration says; a run's state is in a tail.
type source struct {
	config SourceConfig
	fields *fieldmap.Map
}

func openSource(_ context.Context, c SourceConfig) (sdk.Source, error) {
	if _, err := filepath.Match(c.Path, ""); err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "path %q is no pattern: a [ needs its ]", c.Path)
	}
	if c.Format == "" {
		c.Format = formatOf(c.Path)
	}
	if c.Format == "" {
		return nil, sdk.Errorf(sdk.Invalid, "the ending of path %q does not tell the format; set format to jsonl, csv or lines", c.Path)
	}
	if c.Format == formatLines && len(c.Fields) > 0 {
		return nil, sdk.Errorf(sdk.Invalid, "fields is not for lines: a line is the text of its event and nothing else")
	}
	if len(c.Delimiter) != 1 || strings.ContainsAny(c.Delimiter, "\"\r\n") || c.Delimiter[0] >= 0x80 {
		return nil, sdk.Errorf(sdk.Invalid, "delimiter %q: want one ASCII character other than a quote or a line end", c.Delimiter)
	}
	if c.Instance == "" {
		c.Instance = filepath.Base(c.Path)
	}
	fields, err := fieldmap.New(c.Fields, c.TimeFormat)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "%w", err)
	}
	return &source{config: c, fields: fields}, nil
}

// Names of formats in the configuration.
const (
	formatJSONL = "jsonl"
	formatCSV   = "csv"
	formatLines = "lines"
)

func formatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".ndjson":
		return formatJSONL
	case ".csv":
		return formatCSV
	case ".txt", ".log":
		return formatLines
	}
	return ""
}

// Run reads all files in the order of their names. Without follow it ends there.
func (s *source) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	t, err := newTail(s, from, out)
	if err != nil {
		return err
	}
	defer t.close()
	once := !s.config.Follow || sdk.Once(ctx)
	for {
		err := t.pass(ctx, once)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil || once {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(s.config.Every):
		}
	}
}

// finish gives an event its identity; an entry that names none has that of its place.
func (s *source) finish(e *sdk.Event, at place, raw []byte) {
	native := sdk.Native{Platform: "file", Instance: s.config.Instance}
	if e.Feedback == nil {
		native.ID = at.id(raw)
		e.ID = sdk.FeedbackID(native)
		return
	}
	n := &e.Feedback.Native
	n.Platform, n.Instance = native.Platform, native.Instance
	if n.ID == "" {
		n.ID = at.id(raw)
	}
	if e.Feedback.Kind == "" {
		e.Feedback.Kind = s.config.Kind
	}
}

// rejected is the event of an entry that cannot be read.
func (s *source) rejected(at place, raw []byte, why string) sdk.Event {
	id := "rj_" + sdk.HashID("file", s.config.Instance, at.id(raw))
	return sdk.Rejected(id, fmt.Sprintf("%s:%d", at.file.Path, at.line), why, raw)
}
