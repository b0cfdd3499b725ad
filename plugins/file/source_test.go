package file_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

func TestSourceReadsTheQuickstart(t *testing.T) {
	t.Chdir("../../examples/quickstart")
	var posts, reviews recorder
	err := run(t, map[string]any{"path": "channels/posts.jsonl", "fields": map[string]string{
		"id": "post.id", "time": "post.at", "author": "user.handle", "text": "body"}}, nil, &posts)
	if err != nil || len(posts.events) != 70 {
		t.Fatalf("posts: %d events, %v; want 70", len(posts.events), err)
	}
	err = run(t, map[string]any{"path": "channels/reviews.csv", "kind": "review", "fields": map[string]string{
		"id": "review_id", "time": "created_at", "author": "customer", "text": "review"}}, nil, &reviews)
	if err != nil || len(reviews.events) != 50 {
		t.Fatalf("reviews: %d events, %v; want 50", len(reviews.events), err)
	}
	want := sdk.Event{
		Time: time.Date(2026, 5, 4, 8, 21, 0, 0, time.UTC),
		Feedback: &sdk.Feedback{
			Kind:   "review",
			Text:   "Exactly what I hoped for. Light enough for the cellar stairs, quiet, and the colour is gorgeous.",
			Native: sdk.Native{Platform: "file", Instance: "reviews.csv", ID: "r-1001"},
			Author: sdk.Author{ID: "fern_f", Handle: "fern_f"},
		},
		Data: []byte(`{"product":"Otter City","stars":"5"}`),
	}
	if diff := cmp.Diff(want, reviews.events[0]); diff != "" {
		t.Errorf("first review (-want +got):\n%s", diff)
	}
	if got, want := string(posts.events[0].Data), `{"lang_hint":"en","likes":14}`; got != want {
		t.Errorf("data of the first post %s, want %s", got, want)
	}
}

func TestSourceCutsLines(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"plain", "a\nb\n", []string{"a", "b"}},
		{"no last line end", "a\nb", []string{"a", "b"}},
		{"windows", "a\r\nb\r\n", []string{"a", "b"}},
		{"blank lines", "\n\na\n \t\r\nb\n\n", []string{"a", "b"}},
		{"byte order mark", "\xef\xbb\xbfa\nb\n", []string{"a", "b"}},
		{"only a byte order mark", "\xef\xbb\xbf", nil},
		{"empty", "", nil},
		{"not UTF-8", "a\n\xff\xfe\nb\n", []string{"a", "in.jsonl:2: it is not valid UTF-8", "b"}},
		{"as long as possible", strings.Repeat("x", 64) + "\r\nb", []string{strings.Repeat("x", 64), "b"}},
		{"a little too long", strings.Repeat("x", 65) + "\nb", []string{"in.jsonl:1: it has 65 bytes; max_line allows 64", "b"}},
		{"too long at the end", "a\n" + strings.Repeat("x", 65), []string{"a", "in.jsonl:2: it has 65 bytes; max_line allows 64"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := texts(readAll(t, c.in, map[string]any{"format": "lines", "max_line": 64}))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourceRejectsWhatItCannotRead(t *testing.T) {
	in := `{"id":"1","text":"good"}` + "\n" +
		`{"id":"2","text":` + "\n" +
		`["3"]` + "\n\n" +
		`{"id":"5","text":"when","time":"soon"}` + "\n" +
		`{"id":"6","author":"` + strings.Repeat("x", 1025) + `"}` + "\n" +
		`{"id":"","text":"no id"}` + "\n"
	events := readAll(t, in, map[string]any{"fields": map[string]string{"id": "id", "text": "text", "time": "time", "author": "author"}})
	want := []string{
		"good",
		"in.jsonl:2: its JSON is broken at byte 17",
		"in.jsonl:3: it is not a JSON object",
		"in.jsonl:5: its time is not written in the expected form; see time_format",
		"in.jsonl:6: its author has 1025 bytes; 1024 are possible",
		"no id",
	}
	if diff := cmp.Diff(want, texts(events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if _, _, raw := sdk.RejectionOf(&events[1]); string(raw) != `{"id":"2","text":` {
		t.Errorf("the rejection holds %q", raw)
	}
	if id := events[5].Feedback.Native.ID; !strings.Contains(id, fmt.Sprintf("in.jsonl:%d-", strings.Index(in, `{"id":""`))) {
		t.Errorf("derived id %q does not name the place", id)
	}
}

func TestSourceWithoutFieldsKeepsAllAsData(t *testing.T) {
	events := readAll(t, `{"a":1}`+"\n", map[string]any{})
	if len(events) != 1 || events[0].Feedback != nil || string(events[0].Data) != `{"a":1}` || events[0].ID == "" {
		t.Errorf("got %+v", events)
	}
}

// The file holds one line of 40 MiB. The source must reject it without ever holding it.
func TestSourceHoldsNoHugeLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "before\n")
	for range 40 {
		add(t, path, strings.Repeat("x", 1<<20))
	}
	add(t, path, "\nafter\n")
	var before, after runtime.MemStats
	var out recorder
	runtime.ReadMemStats(&before)
	err := run(t, map[string]any{"path": path}, nil, &out)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	want := []string{"before", fmt.Sprintf("in.log:2: it has %d bytes; max_line allows %d", 40<<20+1, 1020<<10), "after"}
	if diff := cmp.Diff(want, texts(out.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d MiB were allocated to pass over a line of 40 MiB", used>>20)
	}
}

func TestSourceReadsManyFilesInOrder(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"b", "a", "c"} {
		put(t, filepath.Join(folder, name+".log"), name+"1\n"+name+"2\n")
	}
	if err := os.Mkdir(filepath.Join(folder, "d.log"), 0o700); err != nil {
		t.Fatal(err)
	}
	var out recorder
	if err := run(t, map[string]any{"path": filepath.Join(folder, "*.log")}, nil, &out); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if diff := cmp.Diff([]string{"a1", "a2", "b1", "b2", "c1", "c2"}, texts(out.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if out.calls != 1 {
		t.Errorf("%d calls for six events", out.calls)
	}
}

// A hub that is killed at any call must, with the next start, have everything exactly once.
func TestSourceResumesAtEveryBorder(t *testing.T) {
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	var rows, lines strings.Builder
	rows.WriteString("\xef\xbb\xbfid,text,more\r\n")
	for i := range 1100 {
		switch random.IntN(20) {
		case 0:
			fmt.Fprintf(&rows, "%d,\"broken\"x,\n", i)
			fmt.Fprintf(&lines, "{broken %d\n\n", i)
		case 1:
			fmt.Fprintf(&rows, ",\"two\nlines, and a \"\"quote\"\" %d\",\r\n\n", i)
			fmt.Fprintf(&lines, "{\"text\":\"%s\"}\n", strings.Repeat("long ", 300))
		default:
			fmt.Fprintf(&rows, "%d,text %d,%d\n", i, i, i)
			fmt.Fprintf(&lines, "{\"id\":%d,\"text\":\"text\"}\n", i)
		}
	}
	put(t, filepath.Join(folder, "a.csv"), rows.String())
	put(t, filepath.Join(folder, "b.csv"), rows.String()[3:])
	put(t, filepath.Join(folder, "c.jsonl"), lines.String())
	for _, pattern := range []string{"*.csv", "*.jsonl"} {
		config := map[string]any{"path": filepath.Join(folder, pattern), "fields": map[string]string{"id": "id", "text": "text"}}
		checkResume(t, config)
	}
}

func checkResume(t *testing.T, config map[string]any) {
	t.Helper()
	var whole recorder
	if err := run(t, config, nil, &whole); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if whole.calls < 4 {
		t.Fatalf("%d calls do not test much", whole.calls)
	}
	for n := 1; n <= whole.calls; n++ {
		first := recorder{dieAfter: n}
		err := run(t, config, nil, &first)
		if (err == nil) != (n == whole.calls) {
			t.Fatalf("killed after %d of %d calls: %v", n, whole.calls, err)
		}
		var second recorder
		if err := run(t, config, first.at, &second); err != nil {
			t.Fatalf("Run after %d calls: %v", n, err)
		}
		both := append(first.events, second.events...)
		if diff := cmp.Diff(ids(whole.events), ids(both)); diff != "" {
			t.Fatalf("killed after %d calls (-undisturbed +killed):\n%s", n, diff)
		}
		if diff := cmp.Diff(texts(whole.events), texts(both)); diff != "" {
			t.Fatalf("killed after %d calls (-undisturbed +killed):\n%s", n, diff)
		}
	}
}

func TestSourceRefusesConfigurations(t *testing.T) {
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{"path": "in.dat"}, "does not tell the format"},
		{map[string]any{"path": "in[.csv"}, "no pattern"},
		{map[string]any{"path": "in.csv", "delimiter": ";;"}, "one ASCII character"},
		{map[string]any{"path": "in.csv", "delimiter": "\n"}, "one ASCII character"},
		{map[string]any{"path": "in.txt", "fields": map[string]string{"text": "x"}}, "not for lines"},
		{map[string]any{"path": "in.csv", "fields": map[string]string{"body": "x"}}, `no field "body"`},
		{map[string]any{"path": "in.csv", "fields": map[string]string{"time": "x"}, "time_format": "%d.%m."}, "time_format"},
	} {
		_, err := openSource(c.config)
		if err == nil || sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open of %v: %v, want an invalid one with %q", c.config, err, c.want)
		}
	}
}

func TestSourceFaultsOfFiles(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "a16.log"), "\xff\xfea\x00")
	put(t, filepath.Join(folder, "b.log"), "good\n")
	put(t, filepath.Join(folder, "t.csv"), "a,b\n1,2\n")
	put(t, filepath.Join(folder, "q.csv"), "\"a,b\n1,2\n")
	for _, c := range []struct {
		path, want string
		code       sdk.Code
		events     int
	}{
		{"none*.log", "matches no file", sdk.NotFound, 0},
		{"*.log", "UTF-16", sdk.Invalid, 1}, // the other file is read all the same
		{"t.csv", "names no column; there are a, b", sdk.Invalid, 0},
		{"q.csv", "header cannot be read: a quote is not closed", sdk.Invalid, 0},
	} {
		config := map[string]any{"path": filepath.Join(folder, c.path)}
		if strings.HasSuffix(c.path, "csv") {
			config["fields"] = map[string]string{"text": "x"}
		}
		var out recorder
		err := run(t, config, nil, &out)
		if err == nil || sdk.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one of code %s with %q", c.path, err, c.code, c.want)
		}
		if len(out.events) != c.events {
			t.Errorf("%s: %d events, want %d", c.path, len(out.events), c.events)
		}
	}
}

func TestSourceRefusesAStrangersPosition(t *testing.T) {
	s, err := openSource(map[string]any{"path": "in.log"})
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"x", `{"v":2}`, `{"n":1}`} {
		if err := s.Run(context.Background(), sdk.Position(from), &recorder{}); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("position %s: %v", from, err)
		}
	}
}

func TestSourceSaysWhenThereAreTooManyFiles(t *testing.T) {
	folder := t.TempDir()
	for i := range 700 {
		put(t, filepath.Join(folder, fmt.Sprintf("%0100d.log", i)), "x\n")
	}
	err := run(t, map[string]any{"path": filepath.Join(folder, "*.log")}, nil, &recorder{})
	if err == nil || !strings.Contains(err.Error(), "700 files") {
		t.Errorf("error %v, want one that counts the files", err)
	}
}

func BenchmarkSourceJSONL(b *testing.B) {
	line := `{"post":{"id":"p-%07d","at":"2026-05-04T06:12:00Z"},"user":{"handle":"nightshift_nora"},"body":"` +
		strings.Repeat("still waiting for my refund ", 6) + `","lang_hint":"en","likes":14}` + "\n"
	benchmark(b, "in.jsonl", "", line)
}

func BenchmarkSourceCSV(b *testing.B) {
	line := `p-%07d,2026-05-04T06:12:00Z,nightshift_nora,"` + strings.Repeat("still waiting, for my refund ", 6) + `",en,14` + "\n"
	benchmark(b, "in.csv", "post.id,post.at,user.handle,body,lang_hint,likes\n", line)
}

func benchmark(b *testing.B, name, head, line string) {
	const events = 50_000
	path := filepath.Join(b.TempDir(), name)
	contents := []byte(head)
	for i := range events {
		contents = fmt.Appendf(contents, line, i)
	}
	put(b, path, string(contents))
	s, err := openSource(map[string]any{"path": path, "fields": map[string]string{
		"id": "post.id", "time": "post.at", "author": "user.handle", "text": "body"}})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		out := discard{}
		if err := s.Run(context.Background(), nil, &out); err != nil || out.events != events {
			b.Fatalf("%d events, %v", out.events, err)
		}
		n += out.events
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// discard counts and forgets.
type discard struct{ events int }

func (d *discard) Emit(_ context.Context, _ sdk.Position, events ...sdk.Event) error {
	d.events += len(events)
	return nil
}

func (d *discard) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return d.Emit(ctx, at, events...)
}
