package file_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

func TestSinkWritesCloudEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	in := plainBatch(t, posts(0, 3))
	s := openSink(t, map[string]any{"path": path})
	if got, want := s.outcomes(t, in), "done done done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	var want []byte
	for i := range in.Len() {
		line, err := cloudevent.Marshal(in.Event(i))
		if err != nil {
			t.Fatal(err)
		}
		want = append(append(want, line...), '\n')
	}
	if diff := cmp.Diff(string(want), readFile(t, path)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want one that only the owner can read", st.Mode())
	}
}

func TestSinkKnowsWhatComesAgain(t *testing.T) {
	for _, format := range []string{"jsonl", "text"} {
		t.Run(format, func(t *testing.T) {
			config := map[string]any{"path": filepath.Join(t.TempDir(), "events"), "format": format}
			s := openSink(t, config)
			s.outcomes(t, plainBatch(t, posts(0, 2)))
			if got, want := s.outcomes(t, plainBatch(t, posts(1, 4))), "duplicate done done"; got != want {
				t.Errorf("in the same run: %q, want %q", got, want)
			}
			s.close(t)
			s = openSink(t, config)
			if got, want := s.outcomes(t, plainBatch(t, posts(2, 5))), "duplicate duplicate done"; got != want {
				t.Errorf("in the next run: %q, want %q", got, want)
			}
			if n := strings.Count(readFile(t, config["path"].(string)), "\n"); n != 5 {
				t.Errorf("%d lines, want 5", n)
			}
		})
	}
}

func TestSinkKeepsEachStateOfAnInsight(t *testing.T) {
	config := map[string]any{"path": filepath.Join(t.TempDir(), "insights.jsonl")}
	state := func(people int64) *sdk.Batch {
		return plainBatch(t, []sdk.Event{{ID: "in_1", Time: time.Unix(1, 0), Insight: &sdk.Insight{Title: "refund", People: people}}})
	}
	s := openSink(t, config)
	s.outcomes(t, state(2))
	s.close(t)
	s = openSink(t, config)
	if got := s.outcomes(t, state(2)); got != "duplicate" {
		t.Errorf("the same state again: %q, want duplicate", got)
	}
	if got := s.outcomes(t, state(3)); got != "done" {
		t.Errorf("the next state: %q, want done", got)
	}
}

func TestSinkMendsATornLine(t *testing.T) {
	for _, format := range []string{"jsonl", "text"} {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events")
			config := map[string]any{"path": path, "format": format}
			s := openSink(t, config)
			s.outcomes(t, plainBatch(t, posts(0, 2)))
			whole := readFile(t, path)
			s.outcomes(t, plainBatch(t, posts(2, 4)))
			all := readFile(t, path)
			s.close(t)
			if err := os.Truncate(path, int64(len(all)-5)); err != nil { // in the middle of the last line
				t.Fatal(err)
			}
			s = openSink(t, config)
			if got, want := s.outcomes(t, plainBatch(t, posts(0, 4))), "duplicate duplicate duplicate done"; got != want {
				t.Errorf("outcomes %q, want %q", got, want)
			}
			if diff := cmp.Diff(all, readFile(t, path)); diff != "" {
				t.Errorf("file (-want +got)\n%s", diff)
			}
			lines := strings.SplitAfter(strings.TrimPrefix(all, whole), "\n")
			if got, want := readFile(t, path+".torn"), strings.TrimSuffix(lines[1], lines[1][len(lines[1])-5:])+"\n"; got != want {
				t.Errorf("torn file %q, want %q", got, want)
			}
		})
	}
}

// TestSinkForgetsIntentions checks that a line whose writing was only intended is written, even when the file has grown past
// the place where it would have been.
func TestSinkForgetsIntentions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.txt")
	config := map[string]any{"path": path, "format": "text"}
	s := openSink(t, config)
	s.outcomes(t, plainBatch(t, posts(0, 2)))
	s.close(t)
	if err := os.Truncate(path, 0); err != nil { // the notes were kept, the lines were lost
		t.Fatal(err)
	}
	s = openSink(t, config)
	s.outcomes(t, plainBatch(t, posts(5, 9)))
	s.close(t)
	s = openSink(t, config)
	if got, want := s.outcomes(t, plainBatch(t, posts(0, 2))), "done done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
}

func TestSinkWritesTheLineOfTheConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.txt")
	s := openSink(t, map[string]any{"path": path, "format": "text", "line": true})
	in := batchOf(t, "line", []sdk.Value{sdk.StringValue("one\nline\x1b[2J\n"), {}, sdk.NumberValue(3)}, posts(0, 3)...)
	if got, want := s.outcomes(t, in), "done done done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if got, want := readFile(t, path), "one line\u241b[2J\n3\n"; got != want {
		t.Errorf("file %q, want %q", got, want)
	}
}

func TestSinkRotates(t *testing.T) {
	for _, tc := range []struct{ name, rotate, old string }{
		{"by day", "day", "events-2026-05-01.jsonl"},
		{"by size", "size", "events-000001.jsonl"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "events.jsonl")
			config := map[string]any{"path": path, "rotate": tc.rotate, "max_size": 1024}
			s := openSink(t, config)
			s.outcomes(t, plainBatch(t, posts(0, 9)))
			first := readFile(t, path)
			long := time.Date(2026, 5, 1, 23, 0, 0, 0, time.UTC)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
			s.outcomes(t, plainBatch(t, posts(9, 10)))
			if diff := cmp.Diff(first, readFile(t, filepath.Join(filepath.Dir(path), tc.old))); diff != "" {
				t.Errorf("old file (-want +got)\n%s", diff)
			}
			if n := strings.Count(readFile(t, path), "\n"); n != 1 {
				t.Errorf("new file has %d lines, want 1", n)
			}
			s.close(t)
			s = openSink(t, config)
			if got, want := s.outcomes(t, plainBatch(t, posts(8, 11))), "duplicate duplicate done"; got != want {
				t.Errorf("over the border: %q, want %q", got, want)
			}
		})
	}
}

func TestSinkRotatesText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.txt")
	config := map[string]any{"path": path, "format": "text", "rotate": "size", "max_size": 1024}
	s := openSink(t, config)
	s.outcomes(t, plainBatch(t, posts(0, 40)))
	s.outcomes(t, plainBatch(t, posts(40, 41)))
	s.close(t)
	s = openSink(t, config)
	if got, want := s.outcomes(t, plainBatch(t, posts(39, 42))), "duplicate duplicate done"; got != want {
		t.Errorf("over the border: %q, want %q", got, want)
	}
}

func TestSinkNeverWritesOverARotatedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.jsonl")
	s := openSink(t, map[string]any{"path": path, "rotate": "day"})
	long := time.Date(2026, 5, 1, 23, 0, 0, 0, time.UTC)
	for i := range 3 {
		s.outcomes(t, plainBatch(t, posts(i, i+1)))
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"events-2026-05-01.jsonl", "events-2026-05-01-2.jsonl", "events.jsonl"} {
		if n := strings.Count(readFile(t, filepath.Join(dir, name)), "\n"); n != 1 {
			t.Errorf("%s has %d lines, want 1", name, n)
		}
	}
}

func TestSinkFollowsItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	s := openSink(t, map[string]any{"path": path})
	s.outcomes(t, plainBatch(t, posts(0, 1)))
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	s.outcomes(t, plainBatch(t, posts(1, 2)))
	if got := readFile(t, path); !strings.Contains(got, "fb_000001") || strings.Contains(got, "fb_000000") {
		t.Errorf("new file holds %q, want the second event alone", got)
	}
}

// A reload opens the next sink while the one before it still works: it must open, and wait for the file with its events.
func TestSinkWaitsForTheFileOfItsPredecessor(t *testing.T) {
	config := map[string]any{"path": filepath.Join(t.TempDir(), "events.jsonl")}
	first := openSink(t, config)
	first.outcomes(t, plainBatch(t, posts(0, 1)))
	second := openSink(t, config)
	if _, err := second.Write(t.Context(), plainBatch(t, posts(1, 2))); sdk.CodeOf(err) != sdk.Unavailable {
		t.Errorf("second sink while the first holds the file: %v, want an error that is temporary", err)
	}
	first.close(t)
	if got := second.outcomes(t, plainBatch(t, posts(0, 2))); got != "duplicate done" {
		t.Errorf("second sink after the first: %q, want it to know what the first has written", got)
	}
}

func TestSinkRefusesConfigurations(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct {
		config map[string]any
		code   sdk.Code
	}{
		"no such folder":     {map[string]any{"path": filepath.Join(dir, "no", "events")}, sdk.NotFound},
		"a folder":           {map[string]any{"path": dir}, sdk.Invalid},
		"a device":           {map[string]any{"path": os.DevNull}, sdk.Invalid},
		"a line for nothing": {map[string]any{"path": filepath.Join(dir, "x"), "line": true}, sdk.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := tryOpenSink(tc.config); sdk.CodeOf(err) != tc.code {
				t.Errorf("error %v, want code %s", err, tc.code)
			}
		})
	}
}

func TestSinkRejectsWhatIsNoJSON(t *testing.T) {
	events := posts(0, 3)
	events[1] = sdk.Event{ID: "x", Type: "org.example.x", Data: []byte("secret words")}
	s := openSink(t, map[string]any{"path": filepath.Join(t.TempDir(), "events.jsonl")})
	results, err := s.Write(context.Background(), plainBatch(t, events))
	if err != nil {
		t.Fatal(err)
	}
	want := []sdk.Result{{}, sdk.RejectWith("not json", "data", "event data is not JSON"), {}}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSinkFolderGoesAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openSink(t, map[string]any{"path": filepath.Join(dir, "events.jsonl")})
	s.outcomes(t, plainBatch(t, posts(0, 1)))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(context.Background(), plainBatch(t, posts(1, 2))); !sdk.Temporary(err) {
		t.Errorf("error %v, want a temporary one: nothing is lost while somebody mends it", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := s.outcomes(t, plainBatch(t, posts(1, 2))); got != "done" {
		t.Errorf("after the folder is back: %q", got)
	}
}

func BenchmarkSinkWrite(b *testing.B) {
	for _, format := range []string{"jsonl", "text"} {
		b.Run(format, func(b *testing.B) {
			s := openSink(b, map[string]any{"path": filepath.Join(b.TempDir(), "events"), "format": format})
			n := 0
			for b.Loop() {
				s.outcomes(b, plainBatch(b, posts(n, n+512)))
				n += 512
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
