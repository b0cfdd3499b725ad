package file_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/file"
	"github.com/pintle-hub/pintle/sdk"
)

// openSink opens a file sink with a configuration as the hub sends it. It is closed at the end of the test, or before.
func openSink(t testing.TB, config map[string]any) *openedSink {
	t.Helper()
	s, err := tryOpenSink(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close(t) })
	return s
}

func tryOpenSink(config map[string]any) (*openedSink, error) {
	b, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	s, err := file.Sink().Open(context.Background(), b)
	return &openedSink{Sink: s}, err
}

type openedSink struct {
	sdk.Sink
	closed bool
}

func (s *openedSink) close(t testing.TB) {
	t.Helper()
	if s.closed {
		return
	}
	s.closed = true
	if err := s.Sink.(interface{ Close() error }).Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// outcomes writes a batch and returns what became of each event, in one line.
func (s *openedSink) outcomes(t testing.TB, in *sdk.Batch) string {
	t.Helper()
	results, err := s.Write(context.Background(), in)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if len(results) != in.Len() {
		t.Fatalf("%d results for %d events", len(results), in.Len())
	}
	var words []string
	for _, r := range results {
		words = append(words, r.Outcome.String())
	}
	return strings.Join(words, " ")
}

// posts makes feedback events with the ids fb_<from> up to fb_<to-1>.
func posts(from, to int) []sdk.Event {
	var events []sdk.Event
	for i := from; i < to; i++ {
		events = append(events, sdk.Event{
			ID: fmt.Sprintf("fb_%06d", i), Time: time.Unix(int64(i)+1, 0),
			Feedback: &sdk.Feedback{Text: fmt.Sprintf("post number %d is late", i), Author: sdk.Author{Handle: "ada"}},
		})
	}
	return events
}

// batchOf makes a batch in which the per-event attribute attr, if it is not "", has the given values.
func batchOf(t testing.TB, attr string, values []sdk.Value, events ...sdk.Event) *sdk.Batch {
	t.Helper()
	if attr == "" {
		in, err := sdk.BatchOf(events...)
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	var b sdk.Builder
	column := sdk.Column{Name: attr}
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			t.Fatal(err)
		}
		column.Set(i, values[i])
	}
	records, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	attrs, err := sdk.ColumnValues(&column, len(events))
	if err != nil {
		t.Fatal(err)
	}
	return sdk.NewBatch(records, nil, nil, []*sdk.Values{attrs})
}

func plainBatch(t testing.TB, events []sdk.Event) *sdk.Batch { return batchOf(t, "", nil, events...) }

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
