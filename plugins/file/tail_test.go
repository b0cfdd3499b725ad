package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/sdk"
)

// follow starts a source that follows; stop ends it and fails the test if that is not clean.
func follow(t *testing.T, pattern, format string, from sdk.Position) (out *recorder, stop func()) {
	t.Helper()
	config := map[string]any{"path": pattern, "format": format, "follow": true, "every": "10ms"}
	if format == "csv" {
		config["fields"] = map[string]string{"text": "text"}
	}
	s, err := openSource(config)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out = &recorder{}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, from, out) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	t.Cleanup(func() { stop(); goleak.VerifyNone(t) })
	return out, stop
}

func wantTexts(t *testing.T, out *recorder, want ...string) {
	t.Helper()
	events := out.await(t, len(want))
	if diff := cmp.Diff(want, texts(events)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, id := range ids(events) {
		if seen[id] {
			t.Errorf("two events have the id %s", id)
		}
		seen[id] = true
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestFollowReadsWhatIsAppended(t *testing.T) {
	folder := t.TempDir()
	a, b := filepath.Join(folder, "a.log"), filepath.Join(folder, "b.log")
	put(t, a, "a1\na2 is not whole")
	put(t, b, "b1\n")
	out, _ := follow(t, filepath.Join(folder, "*.log"), "lines", nil)
	wantTexts(t, out, "a1", "b1")
	add(t, b, "b2\n") // a is read before b, and its second line is still not whole
	wantTexts(t, out, "a1", "b1", "b2")
	add(t, a, " yet\n")
	wantTexts(t, out, "a1", "b1", "b2", "a2 is not whole yet")
	add(t, filepath.Join(folder, "c.log"), "c1\n")
	wantTexts(t, out, "a1", "b1", "b2", "a2 is not whole yet", "c1")
}

func TestFollowTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	put(t, path, "b,te")
	out, _ := follow(t, path, "csv", nil)
	add(t, path, "xt\n1,a\n2,\"b\n")
	wantTexts(t, out, "a")
	add(t, path, "c\"\n")
	wantTexts(t, out, "a", "b\nc")
}

func TestFollowRotationByRename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "same\n")
	out, _ := follow(t, path, "lines", nil)
	wantTexts(t, out, "same")
	writer, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	rename(t, path, path+".1")
	put(t, path, "same\n")
	wantTexts(t, out, "same", "same")
	fmt.Fprint(writer, "late\n") // the writer has not noticed yet
	wantTexts(t, out, "same", "same", "late")
	add(t, path, "third\n")
	wantTexts(t, out, "same", "same", "late", "third")
}

func TestFollowLetsGoOfAFileThatIsGone(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "in.log")
	put(t, path, "one\nand a half")
	out, _ := follow(t, path, "lines", nil)
	wantTexts(t, out, "one")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantTexts(t, out, "one", "and a half") // nobody will write the rest
	put(t, path, "new\n")
	wantTexts(t, out, "one", "and a half", "new")
	if strings.Contains(string(out.position()), "retired") {
		t.Errorf("the position still holds the file: %s", out.position())
	}
}

func TestFollowRotationInsideThePattern(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\n")
	out, _ := follow(t, path+"*", "lines", nil)
	wantTexts(t, out, "one")
	rename(t, path, path+".1")
	put(t, path, "two\n")
	wantTexts(t, out, "one", "two")
	add(t, path+".1", "late\n")
	wantTexts(t, out, "one", "two", "late")
	rename(t, path+".1", path+".2")
	rename(t, path, path+".1")
	put(t, path, "three\n")
	wantTexts(t, out, "one", "two", "late", "three")
}

func TestFollowRotationByCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\ntwo\n")
	out, _ := follow(t, path, "lines", nil)
	wantTexts(t, out, "one", "two")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	add(t, path, "one\n")
	wantTexts(t, out, "one", "two", "one")
}

func TestFollowNoticesAFileWrittenAnewToTheSameSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\ntwo\n")
	out, _ := follow(t, path, "lines", nil)
	wantTexts(t, out, "one", "two")
	put(t, path, "six\nten\nand more\n")
	events := out.await(t, 5)
	if got := texts(events)[2:]; !cmp.Equal(got, []string{"six", "ten", "and more"}) {
		t.Errorf("after it was written anew: %q", got)
	}
}

// While the hub was down the file was rotated, and written to before and after.
func TestRotationWhileDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\n")
	out, stop := follow(t, path, "lines", nil)
	wantTexts(t, out, "one")
	stop()
	add(t, path, "two\n")
	rename(t, path, path+".1")
	put(t, path, "three\n")
	second, stop := follow(t, path, "lines", out.position())
	wantTexts(t, second, "two", "three")
	add(t, path+".1", "late\n")
	wantTexts(t, second, "two", "three", "late")
	stop()
	third, _ := follow(t, path, "lines", second.position())
	add(t, path, "four\n")
	wantTexts(t, third, "four")
}

func TestChangesBetweenTwoRuns(t *testing.T) {
	long := strings.Repeat("a line that all of them begin with\n", 100) // more than a fingerprint
	for _, c := range []struct {
		name, before string
		change       func(t *testing.T, path string)
		want         []string
	}{
		{"nothing", "a\nb\n", func(*testing.T, string) {}, nil},
		{"appended", "a\nb\n", func(t *testing.T, p string) { add(t, p, "c\n") }, []string{"c"}},
		{"appended to a line without an end", "a\nb", func(t *testing.T, p string) { add(t, p, "\nc\n") }, []string{"c"}},
		{"another file", "a\nb\n", func(t *testing.T, p string) { replace(t, p, "c\n") }, []string{"c"}},
		{"another file with the same beginning", long + "b\n", func(t *testing.T, p string) { replace(t, p, long+"c\nd\n") },
			append(strings.Split(strings.TrimSpace(long), "\n"), "c", "d")},
		{"a copy with more", long + "b\n", func(t *testing.T, p string) { replace(t, p, long+"b\nc\n") }, []string{"c"}},
		{"written anew in place", "a\nb\n", func(t *testing.T, p string) { put(t, p, "x\ny\nz\n") }, []string{"x", "y", "z"}},
		{"shorter", "a\nb\n", func(t *testing.T, p string) { put(t, p, "a\n") }, []string{"a"}},
		{"renamed", "a\nb\n", func(t *testing.T, p string) { rename(t, p, p+"2.log"); add(t, p+"2.log", "c\n") }, []string{"c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "in.log")
			put(t, path, c.before)
			config := map[string]any{"path": path + "*", "format": "lines"}
			var first, second recorder
			if err := run(t, config, nil, &first); err != nil {
				t.Fatalf("first run: %v", err)
			}
			c.change(t, path)
			if err := run(t, config, first.at, &second); err != nil {
				t.Fatalf("second run: %v", err)
			}
			if diff := cmp.Diff(c.want, texts(second.events)); diff != "" {
				t.Errorf("second run (-want +got):\n%s", diff)
			}
			seen := map[string]bool{}
			for _, id := range ids(append(first.events, second.events...)) {
				if seen[id] {
					t.Errorf("two events have the id %s", id)
				}
				seen[id] = true
			}
		})
	}
}

func replace(t *testing.T, path, contents string) {
	t.Helper()
	put(t, path+".new", contents)
	rename(t, path+".new", path)
}

func TestFollowEndsAtOnceWhenAskedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\ntwo") // the end of the file is the end of the line: nobody waits for more
	var out recorder
	if err := run(t, map[string]any{"path": path, "follow": true}, nil, &out); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, texts(out.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestFollowStopsWhenTheHubFails(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "a.log"), strings.Repeat("x\n", 1000))
	put(t, filepath.Join(folder, "b.log"), strings.Repeat("x\n", 1000))
	out := recorder{dieAfter: 1}
	err := run(t, map[string]any{"path": filepath.Join(folder, "*.log")}, nil, &out)
	if !errors.Is(err, errDead) || len(out.events) != 256 {
		t.Errorf("%d events, %v; want one call and its error", len(out.events), err)
	}
}

// A writer rotates at random while hubs are killed and started: every line arrives exactly once.
func TestFollowUnderRotationAndKills(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "")
	var all []sdk.Event
	var at sdk.Position
	want := 0
	for round := range 12 {
		out, stop := follow(t, path+"*", "lines", at)
		for range 100 {
			add(t, path, fmt.Sprintf("line %d\n", want))
			if want++; want%37 == 0 {
				rename(t, path, fmt.Sprintf("%s.%d", path, want))
				put(t, path, "")
			}
		}
		if round%3 == 0 || round == 11 { // else it is stopped wherever it is
			out.await(t, want-len(all))
		}
		stop()
		all = append(all, out.events...)
		if p := out.position(); p != nil {
			at = p // else it was stopped before it had anything
		}
	}
	got := map[string]int{}
	for _, text := range texts(all) {
		got[text]++
	}
	for i := range want {
		if n := got[fmt.Sprintf("line %d", i)]; n != 1 {
			t.Fatalf("line %d came %d times", i, n)
		}
	}
}

// Programs that write a file anew beside the old one and rename it over that do not rotate.
func TestFollowGoesOnInACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.log")
	put(t, path, "one\ntwo\n")
	out, _ := follow(t, path, "lines", nil)
	wantTexts(t, out, "one", "two")
	replace(t, path, "one\ntwo\nthree\n")
	wantTexts(t, out, "one", "two", "three")
}
