package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	day := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, x := range map[string][2]string{
		"no event":           {counted(0, "event"), "0 events"},
		"one event":          {counted(1, "event"), "1 event"},
		"many batches":       {counted(1234567, "entry"), "1,234,567 entries"},
		"three digits":       {number(999), "999"},
		"a negative number":  {number(int64(-1000)), "-1,000"},
		"a few bytes":        {size(512), "512 B"},
		"some bytes":         {size(1536), "1.5 KiB"},
		"many bytes":         {size(3 << 40), "3.0 TiB"},
		"a moment":           {lasted(340 * time.Millisecond), "340ms"},
		"seconds":            {lasted(1234 * time.Millisecond), "1.2s"},
		"minutes":            {lasted(250 * time.Second), "4m10s"},
		"hours":              {lasted(3*time.Hour + 2*time.Minute), "3h02m"},
		"days":               {lasted(74 * time.Hour), "3d2h"},
		"a clock set back":   {lasted(-time.Hour), "0s"},
		"one day":            {span(day, day.Add(time.Hour)), "4 May 2026"},
		"some days":          {span(day, day.AddDate(0, 0, 3)), "4 May to 7 May 2026"},
		"over new year":      {span(day, day.AddDate(1, 0, 0)), "4 May 2026 to 4 May 2027"},
		"no time at all":     {span(time.Time{}, time.Time{}), ""},
		"a hostile text":     {clean("a\x1b[2Jb\nc\u202e"), "a?[2Jb c?"},
		"a long text":        {cut("abcdef", 4), "abc…"},
		"a plain command":    {commandLine("run", "examples/quickstart"), "pintle run examples/quickstart"},
		"a path with blanks": {commandLine("run", "my hub"), "pintle run 'my hub'"},
		"a path with quotes": {commandLine("run", "it's"), `pintle run 'it'\''s'`},
	} {
		if x[0] != x[1] {
			t.Errorf("%s: %q, want %q", name, x[0], x[1])
		}
	}
}

func TestOneDashIsTakenForTwo(t *testing.T) {
	root := newRoot(&streams{})
	got := twoDashes(root, []string{"plan", "-json", "-var=a=b", "-h", "-", "-unknown", "--", "-json"})
	want := []string{"plan", "--json", "--var=a=b", "-h", "-", "-unknown", "--", "-json"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDifference(t *testing.T) {
	a := "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	b := "1\n2\n3\n4\nfive\n6\n7\n8\n9\nten\n"
	want := "--- f\n+++ f\n@@ -3,7 +3,8 @@\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n+ten\n"
	if got := difference("f", a, b); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	far := strings.Repeat("same\n", 20)
	got := difference("f", "x\n"+far+"y\n", "X\n"+far+"Y\n")
	if n := strings.Count(got, "@@ -"); n != 2 {
		t.Errorf("%d hunks, want 2:\n%s", n, got)
	}
}

func TestColoursTakeNoRoom(t *testing.T) {
	red := ink(true).red("four") + " five"
	if got := visible(red); got != 9 {
		t.Errorf("%q takes %d columns", red, got)
	}
	if got, want := clipped(red, 6), "\x1b[31mfour\x1b[0m …"; got != want {
		t.Errorf("clipped to %q, want %q", got, want)
	}
	if got := wrapped(strings.Repeat(ink(true).red("word")+" ", 6), 24); len(got) != 2 {
		t.Errorf("wrapped to %q", got)
	}
}

// A page that is larger than the screen neither scrolls its head away nor runs into a second line.
func TestAPageFitsTheScreen(t *testing.T) {
	page := strings.Repeat("a line that is much too long for it\n", 30)
	got := strings.Split(strings.TrimSuffix(fitted(page, 20, 10), "\n"), "\n")
	if len(got) != 9 || got[0] != "a line that is much…" || !strings.HasPrefix(got[8], "... and 22 more") {
		t.Errorf("%q", got)
	}
	if got := fitted("short\n", 20, 10); got != "short\n" {
		t.Errorf("%q", got)
	}
}
