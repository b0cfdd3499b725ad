package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pintle-hub/pintle/core/hub"
)

const quickstart = "../../examples/quickstart"

// trend is what the quickstart's warehouse says of one topic.
type trend struct {
	Topic          string
	People, Events int
}

// expectations are what expected.json says: counted by the rules, without a condition on the mood.
type expectations struct {
	Channels map[string]int
	Events   int
	Authors  int
	Topics   []struct {
		Topic, Stage   string
		People, Events int
	}
}

func readExpectations(t *testing.T) (e expectations) {
	t.Helper()
	b, err := os.ReadFile(quickstart + "/expected.json")
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// runQuickstart runs the copy of the quickstart in dir and returns what it printed before the books, and the books.
func runQuickstart(t *testing.T, dir string) (printed []string, books hub.Books) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pintle", "run", "--until-idle", "--json", dir)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run: %v\n%s", err, talk.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	last := len(lines) - 1
	if err := json.Unmarshal([]byte(lines[last]), &books); err != nil {
		t.Fatalf("the last line %q: %v", lines[last], err)
	}
	return lines[:last], books
}

func query(t *testing.T, db *sql.DB, text string) []trend {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []trend
	for rows.Next() {
		var x trend
		if err := rows.Scan(&x.Topic, &x.People, &x.Events); err != nil {
			t.Fatal(err)
		}
		list = append(list, x)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func countOf(t *testing.T, db *sql.DB, text string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// TestQuickstart runs the first thing a newcomer runs, and counts again in SQL what the hub has counted.
func TestQuickstart(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "channels"), os.DirFS(quickstart+"/channels")); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(quickstart + "/pintle.hcl")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "pintle.hcl"), config, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	expected := readExpectations(t)
	printed, books := runQuickstart(t, dir)
	if books.Accepted != uint64(expected.Events) || books.Delivered != books.Accepted || books.Dead+books.Dropped+books.InFlight > 0 || books.Insights == 0 {
		t.Errorf("books: %+v, want all %d events delivered and some insights", books, expected.Events)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "warehouse.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	checkArchive(t, db, expected)
	trends := checkTrends(t, db, expected)
	for _, x := range trends {
		want := "trend: " + x.Topic + " ("
		if !strings.Contains(strings.Join(printed, "\n"), want) {
			t.Errorf("the terminal does not say %q", want)
		}
	}

	if _, again := runQuickstart(t, dir); !cmp.Equal(again, books) {
		t.Errorf("a second run changes the books: %s", cmp.Diff(books, again))
	}
	if n := countOf(t, db, "SELECT count(*) FROM feedback"); n != expected.Events {
		t.Errorf("after a second run there are %d rows, want %d", n, expected.Events)
	}
}

// checkArchive compares the table of all that was said with expected.json.
func checkArchive(t *testing.T, db *sql.DB, expected expectations) {
	t.Helper()
	if n := countOf(t, db, "SELECT count(*) FROM feedback"); n != expected.Events {
		t.Errorf("feedback has %d rows, want %d", n, expected.Events)
	}
	if n := countOf(t, db, "SELECT count(DISTINCT author) FROM feedback"); n != expected.Authors {
		t.Errorf("feedback has %d authors, want %d", n, expected.Authors)
	}
	for channel, want := range expected.Channels {
		if n := countOf(t, db, "SELECT count(*) FROM feedback WHERE channel LIKE '%"+channel+"'"); n != want {
			t.Errorf("channel %s has %d rows, want %d", channel, n, want)
		}
	}
	for _, x := range expected.Topics {
		events := countOf(t, db, "SELECT count(*) FROM feedback WHERE topic = '"+x.Topic+"'")
		people := countOf(t, db, "SELECT count(DISTINCT author) FROM feedback WHERE topic = '"+x.Topic+"'")
		if events != x.Events || people != x.People {
			t.Errorf("topic %s: %d people, %d events; want %d, %d", x.Topic, people, events, x.People, x.Events)
		}
	}
}

// checkTrends compares the people of the trends with what SQL finds in the archive by the same rules: distinct authors of what
// has a topic and does not sound positive, three or more; all lies within one window. An insight is written anew when somebody
// joins, so that the number of events may lag behind a little, as the channels happen to be read.
func checkTrends(t *testing.T, db *sql.DB, expected expectations) []trend {
	t.Helper()
	got := query(t, db, "SELECT topic, people, events FROM problems ORDER BY topic")
	want := query(t, db, `SELECT topic, count(DISTINCT author), count(*) FROM feedback
		WHERE topic IS NOT NULL AND mood <> 'positive' GROUP BY topic HAVING count(DISTINCT author) >= 3 ORDER BY topic`)
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(trend{}, "Events")); d != "" {
		t.Fatalf("trends (-by SQL +by the hub):\n%s", d)
	}
	found := make(map[string]bool)
	for i, x := range got {
		found[x.Topic] = true
		if x.Events < x.People || x.Events > want[i].Events {
			t.Errorf("topic %s: %d events, want %d to %d", x.Topic, x.Events, x.People, want[i].Events)
		}
	}
	for _, x := range expected.Topics {
		if found[x.Topic] != (x.Stage == "trend") {
			t.Errorf("topic %s: trend %v, expected stage %s", x.Topic, found[x.Topic], x.Stage)
		}
	}
	return got
}
