package main_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/pintle-hub/pintle/plugins/sql/pgtest"
	"github.com/pintle-hub/pintle/sdk"
)

// complaint is one line of the real data.
type complaint struct {
	ID      string  `json:"id"`
	Author  string  `json:"author"`
	Time    string  `json:"time"`
	Airline string  `json:"airline_label"`
	Text    string  `json:"text"`
	Reason  *string `json:"reason"`
	Place   *string `json:"place"`

	at    time.Time
	event string // the id it must get
}

// TestRealComplaints sends real complaints through the whole product into two databases, and holds every row and every insight
// against the file and against a recount. Then it does so again, with a hub that is killed three times halfway: the tables are
// the same. // promises 1, 2, 3, 11
func TestRealComplaints(t *testing.T) {
	file := realData()
	if file == "" {
		t.Log("the real data are not here: nothing was measured. PINTLE_DATA names the folder that holds airline-tweets/feedback.jsonl")
		return
	}
	list := complaintsOf(t, file)
	stop, err := pgtest.Share()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})

	calm := newWarehouse(t, file)
	began := time.Now()
	b, _ := calm.runIdle(0, calm.args()...)
	took := time.Since(began)
	t.Logf("%d events through six analyzers into PostgreSQL and SQLite in %v: %.0f events/s, start and end included",
		len(list), took.Round(time.Millisecond), float64(len(list))/took.Seconds())
	b.want(t, uint64(len(list)), uint64(len(list)), 0, 0)
	want := calm.tables()
	compareRows(t, list, want)
	compareInsights(t, list, want)

	killed := newWarehouse(t, "")
	killed.runWithKills(file, len(list))
	if diff := cmp.Diff(want, killed.tables()); diff != "" {
		t.Errorf("after three kills the tables are others (-calm +killed):\n%.3000s", diff)
	}
}

// realData returns the file of real complaints, or "" where there is none.
func realData() string {
	const name = "airline-tweets/feedback.jsonl"
	dirs := []string{os.Getenv("PINTLE_DATA")}
	if dirs[0] == "" {
		dirs = nil
		for up := "../.."; len(up) < 40; up += "/.." { // from the root of the repository upwards
			dirs = append(dirs, filepath.Join(up, "..", "shared", "data"))
		}
	}
	for _, dir := range dirs {
		file, err := filepath.Abs(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	return ""
}

func complaintsOf(t *testing.T, file string) []complaint {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []complaint
	for s := bufio.NewScanner(f); s.Scan(); {
		var c complaint
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.at, err = time.Parse("2006-01-02 15:04:05 -0700", c.Time); err != nil {
			t.Fatal(err)
		}
		c.event = sdk.FeedbackID(sdk.Native{Platform: "file", Instance: "feedback.jsonl", ID: c.ID})
		list = append(list, c)
	}
	return list
}

// warehouse is a place whose configuration writes into two databases.
type warehouse struct {
	place
	input, dsn      string
	pocket, central *sql.DB
}

// newWarehouse makes one with empty databases. Without input it reads a file of its own that grows.
func newWarehouse(t *testing.T, input string) *warehouse {
	t.Helper()
	hcl, err := os.ReadFile("testdata/realdata/pintle.hcl")
	if err != nil {
		t.Fatal(err)
	}
	w := &warehouse{place: newPlace(t, string(hcl), nil), input: input, dsn: pgtest.Start(t)}
	if input == "" {
		w.input = w.path("feedback.jsonl")
	}
	w.write("databases.hclvars", fmt.Sprintf("warehouse = %q\n", w.dsn))
	w.pocket = openDB(t, "sqlite", "file:"+w.path("complaints.db")+"?_pragma=busy_timeout(20000)")
	w.central = openDB(t, "pgx", w.dsn)
	return w
}

func openDB(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func (w *warehouse) args() []string {
	return []string{"--var", "path=" + w.input, "--var-file", w.path("databases.hclvars")}
}

// runWithKills lets the file grow in four parts, each but the last cut inside a line, and kills the hub while it works on each
// of the first three. The last run ends by itself.
func (w *warehouse) runWithKills(file string, total int) {
	w.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		w.Fatal(err)
	}
	f, err := os.Create(w.input)
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	follow := append([]string{"--var", "follow=true"}, w.args()...)
	looks := []*sql.DB{w.pocket, w.central, w.pocket}
	for n, db := range looks {
		before := rowsNow(db)
		h := w.start(follow...)
		end := len(data) * (n + 1) / (len(looks) + 1)
		if _, err := f.Write(data[len(data)*n/(len(looks)+1) : end]); err != nil {
			w.Fatal(err)
		}
		await(w, "rows of the new part", func() bool { return rowsNow(db) > before })
		h.kill()
		w.Logf("killed with %d rows in SQLite and %d in PostgreSQL, of about %d", rowsNow(w.pocket), rowsNow(w.central), total*(n+1)/(len(looks)+1))
	}
	if _, err := f.Write(data[len(data)*len(looks)/(len(looks)+1):]); err != nil {
		w.Fatal(err)
	}
	b, _ := w.runIdle(0, follow...)
	b.want(w, uint64(total), uint64(total), 0, 0)
	if dead := w.letters(); len(dead) > 0 {
		w.Errorf("%d dead letters, the first is %+v", len(dead), dead[0])
	}
}

// rowsNow counts the rows of a table that may not be there yet.
func rowsNow(db *sql.DB) (n int) {
	if err := db.QueryRow("SELECT count(*) FROM feedback").Scan(&n); err != nil {
		return 0
	}
	return n
}

// tables are what a run leaves in the two databases, times in UTC. They must be the same in both.
type tables struct {
	Feedback map[string]row
	Insights map[string]finding
}

type row struct {
	Native, SaidAt, Author, Text, Lang, Mood, Topic, Topics, Airline, Reason string
}

type finding struct {
	Analyzer, Members, Stage string
	People, Events           int64
	First, Last              string
}

func (w *warehouse) tables() tables {
	w.Helper()
	pocket, central := w.readTables(w.pocket), w.readTables(w.central)
	if diff := cmp.Diff(central, pocket); diff != "" {
		w.Errorf("the databases differ (-PostgreSQL +SQLite):\n%.3000s", diff)
	}
	return central
}

func (w *warehouse) readTables(db *sql.DB) tables {
	w.Helper()
	all := tables{map[string]row{}, map[string]finding{}}
	w.each(db, "SELECT id, native, said_at, author, text, lang, mood, topic, topics, airline, reason FROM feedback", func(v []string) {
		all.Feedback[v[0]] = row{v[1], w.utc(v[2]), v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]}
	})
	w.each(db, "SELECT id, analyzer, members, stage, people, events, first_time, last_time FROM insights", func(v []string) {
		var members []string
		if err := json.Unmarshal([]byte(v[2]), &members); err != nil {
			w.Fatal(err)
		}
		f := finding{Analyzer: v[1], Members: strings.Join(members, " / "), Stage: v[3], First: w.utc(v[6]), Last: w.utc(v[7])}
		if _, err := fmt.Sscan(v[4]+" "+v[5], &f.People, &f.Events); err != nil {
			w.Fatal(err)
		}
		all.Insights[v[0]] = f
	})
	return all
}

// each calls yield with the columns of each row as text, null as "".
func (w *warehouse) each(db *sql.DB, query string, yield func([]string)) {
	w.Helper()
	found, err := db.Query(query)
	if err != nil {
		w.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		w.Fatal(err)
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			w.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.String
		}
		yield(texts)
	}
	if err := found.Err(); err != nil {
		w.Fatal(err)
	}
}

func (w *warehouse) utc(text string) string {
	w.Helper()
	at, err := time.Parse(time.RFC3339Nano, strings.Replace(text, " ", "T", 1))
	if err != nil {
		w.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339Nano)
}
