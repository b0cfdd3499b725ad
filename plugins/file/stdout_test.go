package file_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pintle-hub/pintle/plugins/file"
	"github.com/pintle-hub/pintle/sdk"
)

func TestStdoutShowsAList(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	note := sdk.Annotation{Analyzer: "mood", Field: "score", Value: sdk.NumberValue(-0.123456)}
	list := sdk.Annotation{Analyzer: "topic", Field: "labels", Value: sdk.StringsValue([]string{"refund", "late"})}
	for name, tc := range map[string]struct {
		event sdk.Event
		want  string
	}{
		"feedback": {
			sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: "give it\nback", Author: sdk.Author{ID: "p1", Display: "Ada L."}},
				Annotations: []sdk.Annotation{note, list}},
			"2026-05-01 10:00:00 Ada L. [mood.score=-0.123 topic.labels=refund,late]: give it back\n",
		},
		"attack": {
			sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: "\x1b]0;x\x07\u009b31m\x7f\u202eevil", Author: sdk.Author{Handle: "\x1b[2Jme"}}},
			"2026-05-01 10:00:00 \u241b[2Jme: \u241b]0;x\u2407\ufffd31m\u2421\ufffdevil\n",
		},
		"long text": {
			sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: strings.Repeat("é", 401)}},
			"2026-05-01 10:00:00: " + strings.Repeat("é", 400) + "…\n",
		},
		"insight": {
			sdk.Event{ID: "1", Insight: &sdk.Insight{Stage: "trend", Title: "refund", People: 4, Events: 5}},
			"2026-05-01 10:00:00 trend: refund (4 people, 5 events)\n",
		},
		"insight of one person": {
			sdk.Event{ID: "1", Insight: &sdk.Insight{Stage: "problem", Group: []string{"refund", "otter"}, People: 1, Events: 1}},
			"2026-05-01 10:00:00 problem: refund, otter (1 person, 1 event)\n",
		},
		"another type": {sdk.Event{ID: "1", Type: "org.example.x", Subject: "s"}, "2026-05-01 10:00:00 org.example.x s\n"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.event.Time = at
			if diff := cmp.Diff(tc.want, stdout(t, `{}`, plainBatch(t, []sdk.Event{tc.event}))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// stdout returns what a stdout sink with the given configuration writes for a batch.
func stdout(t testing.TB, config string, in *sdk.Batch) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := newStdout(t, config, &out).Write(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func newStdout(t testing.TB, config string, out io.Writer) sdk.Sink {
	t.Helper()
	var c file.StdoutConfig
	if err := sdk.DecodeConfig([]byte(config), &c); err != nil {
		t.Fatal(err)
	}
	s, err := file.NewStdout(c, out)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStdoutWritesTheTextOfTheConfiguration(t *testing.T) {
	in := batchOf(t, "text", []sdk.Value{sdk.StringValue("trend: \x1b[1mrefund"), {}, sdk.StringValue("")}, posts(0, 3)...)
	if got, want := stdout(t, `{"text": true}`, in), "trend: \u241b[1mrefund\n\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestStdoutWritesJSON(t *testing.T) {
	e := sdk.Event{ID: "1", Time: time.Unix(1, 0), Feedback: &sdk.Feedback{Text: "a\u009b31m\x7f<é"}}
	got := stdout(t, `{"format": "json"}`, plainBatch(t, []sdk.Event{e}))
	if !strings.Contains(got, `"text":"a\u009b31m\u007f<é"`) || strings.Count(got, "\n") != 1 {
		t.Errorf("wrote %q", got)
	}
	var back struct {
		Data struct{ Content struct{ Text string } }
	}
	if err := json.Unmarshal([]byte(got), &back); err != nil || back.Data.Content.Text != e.Feedback.Text {
		t.Errorf("reads back as %q, %v", back.Data.Content.Text, err)
	}
}

// shortWriter takes n bytes and then fails once with err.
type shortWriter struct {
	bytes.Buffer
	n   int
	err error
}

func (w *shortWriter) Write(b []byte) (int, error) {
	if w.err == nil {
		return w.Buffer.Write(b)
	}
	n, _ := w.Buffer.Write(b[:w.n])
	err := w.err
	w.err = nil
	return n, err
}

func TestStdoutFailsHalfway(t *testing.T) {
	in := batchOf(t, "text", []sdk.Value{sdk.StringValue("one"), sdk.StringValue("two")}, posts(0, 2)...)
	out := &shortWriter{n: 6, err: errors.New("two words of a customer")}
	s := newStdout(t, `{"text": true}`, out)
	results, err := s.Write(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := []sdk.Result{{}, sdk.RetryAfter(0, "write to the standard output: it failed")}
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := batchOf(t, "text", []sdk.Value{sdk.StringValue("two")}, posts(1, 2)...)
	if _, err := s.Write(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "one\ntw\ntwo\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestStdoutWithoutReader(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	results, err := newStdout(t, `{}`, w).Write(context.Background(), plainBatch(t, posts(0, 1)))
	if err != nil || results[0].Outcome != sdk.Fatal {
		t.Errorf("result %+v, error %v, want fatal", results, err)
	}
	if !file.Stdout().Stdout {
		t.Error("the sink does not ask for the standard output")
	}
}

// childStdout makes TestStdoutChild write.
const childStdout = "PINTLE_TEST_STDOUT"

// TestStdoutChild opens two stdout sinks as a program of the hub does. By itself it does nothing.
func TestStdoutChild(t *testing.T) {
	if os.Getenv(childStdout) == "" {
		return
	}
	for range 2 {
		s, err := file.Stdout().Open(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(context.Background(), plainBatch(t, posts(0, 1))); err != nil {
			t.Fatal(err)
		}
		runtime.GC() // what is forgotten must not close the descriptor
	}
}

func TestStdoutIsTheHubs(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestStdoutChild$")
	cmd.Env = append(os.Environ(), childStdout+"=1")
	cmd.ExtraFiles = []*os.File{out} // file descriptor 3
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if got, want := readFile(t, out.Name()), strings.Repeat("1970-01-01 00:00:01 ada: post number 0 is late\n", 2); got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}
