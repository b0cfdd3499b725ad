package sqlsink_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

func TestMakesTheTable(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"id", "text", "stars", "happy", "topics", "note"}, nil)
		in := batch(t,
			cells{"id": "a", "text": "a \"quoted\"; DROP TABLE feedback", "stars": 4, "happy": true, "topics": []any{"refund", "late"}},
			cells{"id": "b", "stars": 2.5, "happy": false},
		)
		got, results := write(t, s, in)
		if got != "done done" {
			t.Errorf("outcomes %q, want all done: %+v", got, results)
		}
		if diff := cmp.Diff([]sdk.Result{sdk.DoneWith("a"), sdk.DoneWith("b")}, results); diff != "" {
			t.Errorf("results (-want +got)\n%s", diff)
		}
		want := "a|a \"quoted\"; DROP TABLE feedback|4|yes|[\"refund\",\"late\"]|<nil>\nb|<nil>|2.5|no|<nil>|<nil>"
		if diff := cmp.Diff(want, db.rows(t, `SELECT id, text, stars, CASE WHEN happy THEN 'yes' ELSE 'no' END, topics, note FROM feedback ORDER BY id`)); diff != "" {
			t.Errorf("rows (-want +got)\n%s", diff)
		}
	})
}

func TestTypesOfColumns(t *testing.T) {
	columns := []string{"id", "text", "stars", "happy", "note", "people", "said_at"}
	more := map[string]any{"types": map[string]string{"people": "bigint", "said_at": "timestamp with time zone"}}
	line := cells{"id": "a", "text": "x", "stars": 4.5, "happy": true, "people": 3, "said_at": "2026-05-01T10:00:00Z"}
	db := postgresDatabase(t)
	write(t, db.sink(t, columns, more), batch(t, line))
	want := "bigint|people\nboolean|happy\ndouble precision|stars\ntext|id\ntext|note\ntext|text\ntimestamp with time zone|said_at"
	if diff := cmp.Diff(want, db.rows(t, `SELECT data_type, column_name FROM information_schema.columns WHERE table_name = 'feedback' ORDER BY 1, 2`)); diff != "" {
		t.Errorf("postgres (-want +got)\n%s", diff)
	}
	if got, want := db.rows(t, `SELECT extract(epoch FROM said_at)::bigint FROM feedback`), "1777629600"; got != want {
		t.Errorf("said_at is %s, want %s", got, want)
	}
	db = sqliteDatabase(t)
	write(t, db.sink(t, columns, more), batch(t, line))
	want = "id TEXT\ntext TEXT\nstars numeric\nhappy boolean\nnote \npeople bigint\nsaid_at timestamp with time zone"
	if diff := cmp.Diff(want, db.rows(t, `SELECT name || ' ' || type FROM pragma_table_info('feedback')`)); diff != "" {
		t.Errorf("sqlite (-want +got)\n%s", diff)
	}
}

func TestWritesOverByKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"topic", "people"}, map[string]any{"key": "topic"})
		write(t, s, batch(t, cells{"topic": "refund", "people": 2}, cells{"topic": "late", "people": 1}))
		write(t, s, batch(t, cells{"topic": "refund", "people": 3}))
		if got, want := db.rows(t, "SELECT topic, people FROM feedback ORDER BY topic"), "late|1\nrefund|3"; got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

func TestTheLaterOfABatchWins(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"id", "people"}, nil)
		got, results := write(t, s, batch(t, cells{"id": "a", "people": 2}, cells{"id": "b", "people": 1}, cells{"id": "a", "people": 3}))
		if got != "done done done" || results[0].Receipt != "a" {
			t.Errorf("outcomes %q, %+v", got, results)
		}
		if got, want := db.rows(t, "SELECT id, people FROM feedback ORDER BY id"), "a|3\nb|1"; got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

func TestTheKeyIsTheEventsIDByDefault(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		_, results := write(t, db.sink(t, []string{"text"}, nil), batch(t, cells{"text": "x"}, cells{"text": "y"}))
		if got, want := db.rows(t, "SELECT id, text FROM feedback ORDER BY id"), "e0|x\ne1|y"; got != want || results[1].Receipt != "e1" {
			t.Errorf("rows %q, want %q; results %+v", got, want, results)
		}
	})
}

func TestOnlyAKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"id"}, nil)
		write(t, s, batch(t, cells{"id": "a"}))
		if got, _ := write(t, s, batch(t, cells{"id": "a"}, cells{"id": "b"})); got != "done done" {
			t.Errorf("outcomes %q", got)
		}
	})
}

func TestEventWithoutAKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"topic", "text"}, map[string]any{"key": "topic"})
		got, results := write(t, s, batch(t, cells{"text": secret}, cells{"topic": "a", "text": secret}))
		if got != "reject done" || results[0].Field != "topic" {
			t.Errorf("outcomes %q, %+v", got, results)
		}
		if got, _ := write(t, s, batch(t, cells{"text": secret})); got != "reject" {
			t.Errorf("alone: %q", got)
		}
	})
}

func TestAddsColumns(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		write(t, db.sink(t, []string{"id"}, nil), batch(t, cells{"id": "a"}))
		s := db.sink(t, []string{"id", "stars"}, nil)
		write(t, s, batch(t, cells{"id": "a", "stars": 1}, cells{"id": "b", "stars": 5}))
		db.exec(t, "ALTER TABLE feedback DROP COLUMN stars") // and while it runs
		if got, _ := write(t, s, batch(t, cells{"id": "c", "stars": 3})); got != "done" {
			t.Errorf("after the column was dropped: %q", got)
		}
		db.exec(t, "DROP TABLE feedback")
		if got, _ := write(t, s, batch(t, cells{"id": "d", "stars": 4})); got != "done" {
			t.Errorf("after the table was dropped: %q", got)
		}
		if got, want := db.rows(t, "SELECT id, stars FROM feedback"), "d|4"; got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

func TestDoesNotMakeWhatItMustNot(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		s := db.sink(t, []string{"id", "stars", "text"}, map[string]any{"create": false})
		got, results := write(t, s, batch(t, cells{"id": "a"}))
		if got != "fatal" || !strings.Contains(results[0].Message, "feedback") {
			t.Errorf("without a table: %q %+v", got, results)
		}
		db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, text text)")
		got, results = write(t, s, batch(t, cells{"id": "a"}))
		if got != "fatal" || !strings.Contains(results[0].Message, `lacks "stars"`) {
			t.Errorf("without a column: %q %+v", got, results)
		}
		db.exec(t, "ALTER TABLE feedback ADD COLUMN stars integer")
		if got, results = write(t, s, batch(t, cells{"id": "a", "stars": 3})); got != "done" {
			t.Errorf("with all of it: %q %+v", got, results)
		}
	})
}

func TestTableWithoutTheKey(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		db.exec(t, "CREATE TABLE feedback (text text)")
		got, results := write(t, db.sink(t, []string{"id", "text"}, nil), batch(t, cells{"id": "a"}))
		if got != "fatal" || !strings.Contains(results[0].Message, `no column "id"`) {
			t.Errorf("no key column: %q %+v", got, results)
		}
		db.exec(t, "ALTER TABLE feedback ADD COLUMN id text")
		got, results = write(t, db.sink(t, []string{"id", "text"}, nil), batch(t, cells{"id": "a"}))
		if got != "fatal" || !strings.Contains(results[0].Message, "unique index") {
			t.Errorf("no index: %q %+v", got, results)
		}
	})
}

func TestOddNames(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		columns := []string{`the "key"`, "select", "Grüße; --"}
		s := db.sink(t, columns, map[string]any{"table": `feed"back`, "key": `the "key"`})
		got, results := write(t, s, batch(t, cells{`the "key"`: "a", "select": 1, "Grüße; --": "x"}))
		if got != "done" {
			t.Fatalf("outcome %q %+v", got, results)
		}
		if got, want := db.rows(t, `SELECT "the ""key""", "select", "Grüße; --" FROM "feed""back"`), "a|1|x"; got != want {
			t.Errorf("row %q, want %q", got, want)
		}
	})
}

func TestSchemaQualifiedTable(t *testing.T) {
	db := postgresDatabase(t)
	db.exec(t, `CREATE SCHEMA "Sales"`)
	write(t, db.sink(t, []string{"id"}, map[string]any{"table": "Sales.feedback"}), batch(t, cells{"id": "a"}))
	if got := db.rows(t, `SELECT id FROM "Sales".feedback`); got != "a" {
		t.Errorf("postgres: rows %q", got)
	}
	got, results := write(t, db.sink(t, []string{"id"}, map[string]any{"table": "nowhere.feedback"}), batch(t, cells{"id": "a"}))
	if got != "fatal" {
		t.Errorf("no such schema: %q %+v", got, results)
	}
	db = sqliteDatabase(t)
	write(t, db.sink(t, []string{"id"}, map[string]any{"table": "main.feedback"}), batch(t, cells{"id": "a"}))
	if got := db.rows(t, `SELECT id FROM feedback`); got != "a" {
		t.Errorf("sqlite: rows %q", got)
	}
}

func TestNumbersKeepTheirValue(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		db.exec(t, "CREATE TABLE feedback (id text PRIMARY KEY, n bigint, f double precision, s text)")
		s := db.sink(t, []string{"id", "n", "f", "s"}, map[string]any{"create": false})
		got, results := write(t, s, batch(t, cells{"id": "a", "n": 4e15, "f": 0.1, "s": 7}, cells{"id": "b", "n": -3, "f": 1e300, "s": 0.5}))
		if got != "done done" {
			t.Fatalf("outcomes %q %+v", got, results)
		}
		want := "a|4000000000000000|0.1|7\nb|-3|1e+300|0.5"
		if got := db.rows(t, "SELECT id, n, f, s FROM feedback ORDER BY id"); got != want {
			t.Errorf("rows %q, want %q", got, want)
		}
	})
}

func TestRefusesConfigurations(t *testing.T) {
	db := database{driver: "postgres", dsn: "postgres://u:s3cret@127.0.0.1:1/x"}
	lite := map[string]any{"driver": "sqlite", "dsn": "x.db"}
	for name, tc := range map[string]struct {
		columns []string
		more    map[string]any
	}{
		"no columns":         {nil, nil},
		"no name":            {[]string{""}, nil},
		"NUL in a name":      {[]string{"a\x00b"}, nil},
		"long name":          {[]string{strings.Repeat("a", 64)}, nil},
		"two dots":           {[]string{"a"}, map[string]any{"table": "a.b.c"}},
		"no table":           {[]string{"a"}, map[string]any{"table": "a."}},
		"type of nothing":    {[]string{"a"}, map[string]any{"types": map[string]string{"b": "text"}}},
		"type with a tail":   {[]string{"a"}, map[string]any{"types": map[string]string{"a": "text); DROP TABLE x; --"}}},
		"type in quotes":     {[]string{"a"}, map[string]any{"types": map[string]string{"a": `"x"`}}},
		"no address":         {[]string{"a"}, map[string]any{"dsn": "postgres://u:s3cret@[::1/x"}},
		"port is a word":     {[]string{"a"}, map[string]any{"dsn": "host=h port=s3cret"}},
		"memory":             {[]string{"a"}, map[string]any{"driver": "sqlite", "dsn": ":memory:"}},
		"memory by URI":      {[]string{"a"}, map[string]any{"driver": "sqlite", "dsn": "file:x?mode=memory"}},
		"twice the same":     {[]string{"a", "A"}, lite},
		"empty file name":    {[]string{"a"}, map[string]any{"driver": "sqlite", "dsn": ""}},
		"default key, twice": {[]string{"ID"}, lite},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.trySink(tc.columns, tc.more)
			if sdk.CodeOf(err) != sdk.Invalid || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want an invalid one that does not quote", err)
			}
		})
	}
}

func TestDatabaseThatIsDown(t *testing.T) {
	db := database{driver: "postgres", dsn: "postgres://u:s3cret@127.0.0.1:1/x"}
	_, err := db.sink(t, []string{"id"}, nil).Write(context.Background(), batch(t, cells{"id": secret}))
	if !sdk.Temporary(err) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v, want a temporary one", err)
	}
	var coded *sdk.Error
	if !errors.As(err, &coded) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v does not say why", err)
	}
}
