package sqlsink_test

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// TestOnlyBadRowsAreRejected writes bad rows among good ones and checks that just they are named, with code and column.
func TestOnlyBadRowsAreRejected(t *testing.T) {
	postgres := postgresDatabase(t)
	postgres.exec(t, "CREATE TABLE other (n text PRIMARY KEY)", "INSERT INTO other VALUES ('7')")
	for _, tc := range []struct {
		driver, table string
		bad           cells
		code, field   string
	}{
		{"postgres", "id text PRIMARY KEY, n integer", cells{"n": secret}, "22P02", "n"},
		{"postgres", "id text PRIMARY KEY, n integer", cells{"n": 3e9}, "22003", "n"},
		{"postgres", "id text PRIMARY KEY, n integer", cells{"n": 2.5}, "22P02", "n"},
		{"postgres", "id text PRIMARY KEY, n numeric(4,2)", cells{"n": 100}, "22003", "n"},
		{"postgres", "id text PRIMARY KEY, s text, n varchar(3)", cells{"s": "long enough", "n": secret}, "22001", "n"},
		{"postgres", "id text PRIMARY KEY, n char(3)", cells{"n": secret}, "22001", "n"},
		{"postgres", "id text PRIMARY KEY, s text, n timestamptz", cells{"s": secret, "n": secret}, "22007", "n"},
		{"postgres", "id text PRIMARY KEY, n date", cells{"n": "2026-02-30"}, "22008", "n"},
		{"postgres", "id text PRIMARY KEY, n uuid", cells{"n": secret}, "22P02", "n"},
		{"postgres", "id text PRIMARY KEY, n jsonb", cells{"n": secret}, "22P02", "n"},
		{"postgres", "id text PRIMARY KEY, n boolean", cells{"n": secret}, "22P02", "n"},
		{"postgres", "id text PRIMARY KEY, n text", cells{"n": secret + "\x00"}, "22021", "n"},
		{"postgres", "id text PRIMARY KEY, n text NOT NULL", cells{}, "23502", "n"},
		{"postgres", "id text PRIMARY KEY, n text UNIQUE", cells{"n": "7"}, "23505", "feedback_n_key"},
		{"postgres", "id text PRIMARY KEY, n text CONSTRAINT short CHECK (length(n) < 4)", cells{"n": secret}, "23514", "short"},
		{"postgres", "id text PRIMARY KEY, n text REFERENCES other", cells{"n": secret}, "23503", "feedback_n_fkey"},
		{"sqlite", "id text PRIMARY KEY, n text NOT NULL", cells{}, "sqlite 1299", "n"},
		{"sqlite", "id text PRIMARY KEY, n text UNIQUE", cells{"n": "7"}, "sqlite 2067", "n"},
		{"sqlite", "id text PRIMARY KEY, n text CHECK (length(n) < 4)", cells{"n": secret}, "sqlite 275", "n"},
		{"sqlite", "id text PRIMARY KEY, n text UNIQUE ON CONFLICT ROLLBACK", cells{"n": "7"}, "sqlite 2067", "n"},
	} {
		t.Run(tc.driver+" "+tc.table, func(t *testing.T) {
			db := postgres
			if tc.driver == "sqlite" {
				db = sqliteDatabase(t)
			}
			db.exec(t, "DROP TABLE IF EXISTS feedback", "CREATE TABLE feedback ("+tc.table+")")
			s := db.sink(t, []string{"id", "n", "s"}, nil)
			good := goodValue(tc.table)
			lines := []cells{{"id": "7", "n": good(7)}}
			for i := range 12 {
				lines = append(lines, cells{"id": fmt.Sprint("g", i), "n": good(100 + i)})
			}
			for i, at := range []int{3, 9} {
				lines[at] = cells{"id": fmt.Sprint("bad", i)}
				for name, v := range tc.bad {
					lines[at][name] = v
				}
			}
			checkRejected(t, db, s, lines, tc.code, tc.field)
		})
	}
}

// goodValue returns a function that makes different values that the column n takes.
func goodValue(table string) func(int) any {
	for word, make := range map[string]func(i int) any{
		"timestamptz": func(i int) any { return fmt.Sprintf("2026-05-01T10:00:00.%03dZ", i) },
		"n date":      func(i int) any { return fmt.Sprintf("2026-05-%02d", i%28+1) },
		"uuid":        func(i int) any { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i) },
		"boolean":     func(i int) any { return "true" },
		"numeric(4":   func(i int) any { return fmt.Sprint(i % 50) },
		"REFERENCES":  func(i int) any { return "7" },
	} {
		if strings.Contains(table, word) {
			return make
		}
	}
	return func(i int) any { return fmt.Sprint(i) }
}

func checkRejected(t *testing.T, db database, s sdk.Sink, lines []cells, code, field string) {
	t.Helper()
	got, results := write(t, s, batch(t, lines...))
	want := strings.Replace(strings.Repeat("done ", 13), "done done done done done done done done done done", "done done done reject done done done done done reject", 1)
	if got != strings.TrimSpace(want) {
		t.Fatalf("outcomes %q, want %q: %+v", got, want, results[3])
	}
	if r := results[3]; r.Code != code || r.Field != field || r.Message == "" {
		t.Errorf("rejected with %+v, want %s and %s", r, code, field)
	}
	if n := db.rows(t, "SELECT count(*), count(DISTINCT id) FROM feedback"); n != "11|11" {
		t.Errorf("rows %s, want 11", n)
	}
}

func TestBadRowDoesNotHideTheGoodOneOfItsKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n integer CHECK (n < 10))")
		s := db.sink(t, []string{"id", "n"}, nil)
		got, _ := write(t, s, batch(t, cells{"id": "a", "n": 1}, cells{"id": "b", "n": 2}, cells{"id": "a", "n": 99}))
		if got != "done done reject" {
			t.Errorf("outcomes %q", got)
		}
		if got, want := db.rows(t, "SELECT id, n FROM feedback ORDER BY id"), "a|1\nb|2"; got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

// TestEveryRowIsBad checks that the worst batch ends soon.
func TestEveryRowIsBad(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n integer CHECK (n < 10))")
		var lines []cells
		for i := range 300 {
			lines = append(lines, cells{"id": fmt.Sprint(i), "n": 99})
		}
		got, _ := write(t, db.sink(t, []string{"id", "n"}, nil), batch(t, lines...))
		if strings.Count(got, "reject") != len(lines) {
			t.Errorf("outcomes %q", got)
		}
	})
}

func TestTriggerThatQuotes(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n text)",
		`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not %', NEW.n; END $$`,
		"CREATE TRIGGER no BEFORE INSERT ON feedback FOR EACH ROW EXECUTE FUNCTION no()")
	if got, results := write(t, db.sink(t, []string{"id", "n"}, nil), batch(t, cells{"id": "a", "n": secret})); got != "reject" || results[0].Code != "P0001" {
		t.Errorf("postgres: %q %+v", got, results)
	}
	db = sqliteDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n text)",
		"CREATE TRIGGER no BEFORE INSERT ON feedback WHEN NEW.n = 'duck' BEGIN SELECT RAISE(ABORT, 'not duck'); END")
	if got, results := write(t, db.sink(t, []string{"id", "n"}, nil), batch(t, cells{"id": "a", "n": secret}, cells{"id": "b"})); got != "reject done" {
		t.Errorf("sqlite: %q %+v", got, results)
	}
}

func TestCredentials(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY)")
	db.exec(t, "DO $$ BEGIN CREATE ROLE guest LOGIN PASSWORD 'guest'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
	with := func(user, password, name string) database {
		u, err := url.Parse(db.dsn)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(user, password)
		if name != "" {
			u.Path = "/" + name
		}
		return database{driver: "postgres", dsn: u.String()}
	}
	for name, tc := range map[string]struct {
		db   database
		want string
	}{
		"wrong password": {with("guest", "s3cret", ""), "28P01"},
		"nobody":         {with("stranger", "s3cret", ""), "28P01"},
		"no database":    {with("guest", "guest", "nowhere"), "3D000"},
	} {
		_, err := tc.db.trySink([]string{"id"}, nil)
		if sdk.CodeOf(err) != sdk.Denied || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error %v, want one that is final and names %s", name, err, tc.want)
		}
	}
	got, results := write(t, with("guest", "guest", "").sink(t, []string{"id"}, nil), batch(t, cells{"id": "a"}))
	if got != "fatal" || results[0].Code != "42501" {
		t.Errorf("no rights: %q %+v", got, results)
	}
}

func TestSQLiteFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"no folder": filepath.Join(dir, "no", "x.db"), "not a database": text} {
		_, err := database{driver: "sqlite", dsn: path}.trySink([]string{"id"}, nil)
		if err == nil || sdk.Temporary(err) {
			t.Errorf("%s: error %v, want one that is final", name, err)
		}
	}
	db := sqliteDatabase(t)
	s := db.sink(t, []string{"id"}, nil)
	write(t, s, batch(t, cells{"id": "a"}))
	if st, err := os.Stat(db.dsn); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v; want a file that only its owner can read", st.Mode(), err)
	}
	if err := os.Rename(db.dsn, db.dsn+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, s, batch(t, cells{"id": "b"}))
	if got := look(t, db, "sqlite", sqliteURI(db.dsn)).rows(t, "SELECT id FROM feedback"); got != "b" {
		t.Errorf("after the file was moved away: rows %q, want those of a new file", got)
	}
}

func TestConnectionIsCut(t *testing.T) {
	db := postgresDatabase(t)
	s := db.sink(t, []string{"id"}, nil)
	write(t, s, batch(t, cells{"id": "a"}))
	db.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pintle' AND datname = current_database()")
	_, err := s.Write(context.Background(), batch(t, cells{"id": "b"}))
	if !sdk.Temporary(err) {
		t.Errorf("error %v, want a temporary one", err)
	}
	if got, _ := write(t, s, batch(t, cells{"id": "b"})); got != "done" {
		t.Errorf("the next try: %q", got)
	}
}

func TestLockedDatabase(t *testing.T) {
	db := sqliteDatabase(t)
	hasty := database{driver: "sqlite", dsn: sqliteURI(db.dsn) + "?_pragma=busy_timeout(100)"}
	s := hasty.sink(t, []string{"id"}, nil)
	write(t, s, batch(t, cells{"id": "a"}))
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(context.Background(), batch(t, cells{"id": "b"})); !sdk.Temporary(err) || !strings.Contains(err.Error(), "locked") {
		t.Errorf("error %v, want a temporary one", err)
	}
	if _, err := conn.ExecContext(context.Background(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if got, _ := write(t, s, batch(t, cells{"id": "b"})); got != "done" {
		t.Errorf("the next try: %q", got)
	}
}

// TestStatementTimeout checks that a batch that takes too long for the server is tried again, and that a row is not blamed.
func TestStatementTimeout(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY)")
	slow := db
	slow.dsn += "&statement_timeout=50"
	s := slow.sink(t, []string{"id"}, nil)
	lock, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec("LOCK TABLE feedback"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(context.Background(), batch(t, cells{"id": "a"})); !sdk.Temporary(err) || !strings.Contains(err.Error(), "57014") {
		t.Errorf("error %v, want a temporary one", err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got, _ := write(t, s, batch(t, cells{"id": "a"})); got != "done" {
		t.Errorf("the next try: %q", got)
	}
}

// TestALockedRowHoldsUpItsKeyAlone: a row that another session had locked held up all others, for as long as that lasted.
func TestALockedRowHoldsUpItsKeyAlone(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n int)", "INSERT INTO feedback VALUES ('x', 0)")
	hasty := db
	hasty.dsn += "&lock_timeout=100"
	s := hasty.sink(t, []string{"id", "n"}, nil)
	lock, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec("SELECT * FROM feedback FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	lines := []cells{{"id": "a", "n": 1}, {"id": "x", "n": 1}, {"id": "b", "n": 1}, {"id": "c", "n": 1}, {"id": "x", "n": 2}}
	got, results := write(t, s, batch(t, lines...))
	if got != "done retry done done retry" || !strings.Contains(results[1].Message, "55P03") || results[4].Message != results[1].Message {
		t.Errorf("outcomes %q, %+v", got, results)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got, _ := write(t, s, batch(t, lines[1], lines[4])); got != "done done" {
		t.Errorf("the next try: %q", got)
	}
	if got := db.rows(t, "SELECT id, n FROM feedback ORDER BY id"); got != "a|1\nb|1\nc|1\nx|2" {
		t.Errorf("rows %q", got)
	}
}

// TestALockedTableIsWaitedFor: when nothing at all can be written, that is not tried row by row.
func TestALockedTableIsWaitedFor(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY)")
	hasty := db
	hasty.dsn += "&lock_timeout=20"
	s := hasty.sink(t, []string{"id"}, nil)
	lock, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	if _, err := lock.Exec("LOCK TABLE feedback"); err != nil {
		t.Fatal(err)
	}
	var lines []cells
	for i := range 100 {
		lines = append(lines, cells{"id": strconv.Itoa(i)})
	}
	if _, err := s.Write(context.Background(), batch(t, lines...)); !sdk.Temporary(err) || !strings.Contains(err.Error(), "55P03") {
		t.Errorf("error %v, want a temporary one", err)
	}
}

func TestCloseTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s, err := db.trySink([]string{"id"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		results, err := s.Write(context.Background(), batch(t, cells{"id": "a"}))
		if diff := cmp.Diff([]sdk.Result{sdk.DoneWith("a")}, results); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		for range 2 {
			if err := s.(io.Closer).Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
