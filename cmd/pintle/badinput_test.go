package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// confidential is in what customers say in these drills. No error and no log may quote it. // promise 10
const confidential = "zebra"

// discreet checks that what pintle said quotes no customer.
func discreet(t testing.TB, r result) {
	t.Helper()
	if strings.Contains(r.err, confidential) || strings.Contains(r.out, confidential) {
		t.Errorf("pintle quotes a customer:\n%s%s", r.out, r.err)
	}
}

const filesHCL = `
pintle {
  data_dir = "./data"
}
source "file" "posts" {
  path   = "posts.jsonl"
  fields = {
    id     = "id"
    time   = "time"
    author = "author"
    text   = "text"
  }
}
source "file" "nothing" {
  path   = "empty.jsonl"
  fields = {
    text = "text"
  }
}
source "file" "table" {
  path   = "table.csv"
  fields = {
    id     = "id"
    text   = "text"
    author = "author"
  }
}
sink "file" "out" {
  path   = "out.txt"
  format = "text"
  line   = event.text
}
pipeline "p" {
  from = [source.file.posts, source.file.nothing, source.file.table]
  route "all" {
    to = [sink.file.out]
  }
}
`

// TestFilesWithBrokenEntries reads files as they really come. What can be read arrives, everything else is a dead letter that
// says where it was and why; a second run finds nothing new.
func TestFilesWithBrokenEntries(t *testing.T) {
	t.Parallel()
	posts := []string{
		`{"id":"1","text":"one","author":"a","time":"2026-05-01T08:00:00Z"}`,
		`{"id":"2","text":"a zebra that is cut`,
		`a zebra and no JSON`,
		"{\"id\":\"4\",\"text\":\"a zebra in Latin-1: \xfc\"}",
		`{"id":"5","text":"a long zebra ` + strings.Repeat("x", 10<<20) + `"}`,
		`{"text":"without an id","author":"a"}`,
		`{"text":"without an id","author":"a"}`,
		``,
		`{"id":"9","text":"a zebra","time":"yesterday"}`,
		`["a zebra"]`,
		`{"id":"11","text":"a \u0000 in it"}`,
		`{"id":"12","text":"the last, without a line end"}`,
	}
	table := "id,text,author\n1,from a table,a\n2,zebra\n3,zebra,a,b\n4,\"zebra\" and more,a\n5,zeb\"ra,a\n" +
		"6,\"said \"\"hello\"\",\nin two lines\",b\n7,\"zebra that is never closed,a\n"
	p := newPlace(t, filesHCL, map[string]string{"posts.jsonl": strings.Join(posts, "\n"), "empty.jsonl": "", "table.csv": table})
	b, r := p.runIdle(0)
	b.want(t, 18, 7, 11, 0)
	discreet(t, r)

	want := map[string]string{
		"posts.jsonl:2": "its JSON is broken at byte", "posts.jsonl:3": "its JSON is broken at byte 1", "posts.jsonl:4": "not valid UTF-8",
		"posts.jsonl:5": "bytes; max_line allows 1044480", "posts.jsonl:9": "its time is not written in the expected form",
		"posts.jsonl:10": "not a JSON object", "table.csv:3": "the row has 2 cells, the table 3 columns",
		"table.csv:4": "the row has 4 cells, the table 3 columns", "table.csv:5": "quote", "table.csv:6": "quote",
		"table.csv:9": "a quote is not closed",
	}
	for _, l := range p.letters() {
		where, _, _ := strings.Cut(l.Reason, ": ")
		if want[where] == "" || !strings.Contains(l.Reason, want[where]) || l.Stage != "source" {
			t.Errorf("dead letter %+v, want %q", l, want[where])
		}
		delete(want, where)
	}
	if len(want) > 0 {
		t.Errorf("no dead letters for %v", slices.Sorted(maps.Keys(want)))
	}
	arrived := []string{`a � in it`, `from a table`, `one`, `said "hello", in two lines`, `the last, without a line end`, `without an id`, `without an id`}
	got := p.lines("out.txt")
	slices.Sort(got)
	if len(got) != len(arrived) {
		t.Errorf("arrived %q, want %q", got, arrived)
	}
	for i := range min(len(got), len(arrived)) {
		if i > 0 && got[i] != arrived[i] { // how the first one shows its zero byte is the sink's business
			t.Errorf("arrived %q, want %q", got[i], arrived[i])
		}
	}
	again, _ := p.runIdle(0)
	again.want(t, 18, 7, 11, 0)
	if n := len(p.lines("out.txt")); n != len(arrived) {
		t.Errorf("%d lines after a second run, want %d", n, len(arrived))
	}
}

// TestFilesThatCannotBeRead: the run ends, says which file and what to do, and has read the others. When the mistake is mended
// the next run reads the rest.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const hcl = `
pintle {
  data_dir = "./data"
}
source "file" "posts" {
  path   = %q
  fields = {
    id   = "id"
    text = "text"
  }
}
source "file" "other" {
  path = "other.txt"
}
sink "file" "out" {
  path   = "out.txt"
  format = "text"
  line   = event.text
}
pipeline "p" {
  from = [source.file.posts, source.file.other]
  route "all" {
    to = [sink.file.out]
  }
}
`
	for name, c := range map[string]struct {
		file, content string
		words         []string
		mended        string
	}{
		"missing":          {"posts.jsonl", "", []string{`source.file.posts`, `path "posts.jsonl" matches no file`}, `{"id":"1","text":"mended"}`},
		"without a column": {"posts.csv", "number,text\n1,zebra\n", []string{`source.file.posts`, `posts.csv`, `id`, `names no column; there are number, text`}, "id,text\n1,mended\n"},
		"UTF-16":           {"posts.jsonl", utf16Text(`{"id":"1","text":"zebra"}`), []string{`source.file.posts`, `posts.jsonl`, `UTF-16; convert it to UTF-8`}, `{"id":"1","text":"mended"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, fmt.Sprintf(hcl, c.file), map[string]string{"other.txt": "from the other\n"})
			if c.content != "" {
				p.write(c.file, c.content)
			}
			b, r := p.runIdle(1)
			b.want(t, 1, 1, 0, 0)
			says(t, "the run", r.err, c.words...)
			discreet(t, r)
			p.write(c.file, c.mended)
			b, _ = p.runIdle(0)
			b.want(t, 2, 2, 0, 0)
			if got := p.lines("out.txt"); !slices.Equal(got, []string{"from the other", "mended"}) {
				t.Errorf("arrived %q", got)
			}
		})
	}
}

func utf16Text(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// TestConfigurationsTooLargeToBeMeant are refused at once, at their place, and nothing is started.
func TestConfigurationsTooLargeToBeMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hcl   string
		words []string
	}{
		"5 MB":     {strings.Repeat("# nothing but talk\n", 5<<20/19), []string{"File is too large", "pintle.hcl has more than 4 MiB"}},
		"brackets": {"locals {\n  x = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n}\n", []string{"Too deeply nested", "pintle.hcl:2:", "200 deep"}},
		"blocks":   {strings.Repeat("x \"y\" {\n", 20000) + strings.Repeat("}\n", 20000), []string{"Too deeply nested", "200 deep"}},
		"strings":  {"locals {\n  x = \"" + strings.Repeat("${\"", 3000) + strings.Repeat("\"}", 3000) + "\"\n}\n", []string{"Too deeply nested"}},
		"signs":    {"locals {\n  x = " + strings.Repeat("-", 50000) + "1\n}\n", []string{"at most 1000 operators"}},
		"no text":  {"\x00\xff\xfe\x80", []string{"File is not text", "Save it as UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, c.hcl, nil)
			for _, command := range []string{"validate", "run"} {
				r := p.pintle(command)
				if r.code != 2 || len(r.err) > 2000 {
					t.Errorf("%s: exit code %d and %d bytes of talk, want 2 and few", command, r.code, len(r.err))
				}
				says(t, command, r.err, c.words...)
			}
		})
	}
}
