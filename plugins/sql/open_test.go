package sqlsink_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"go.uber.org/goleak"

	sqlsink "github.com/pintle-hub/pintle/plugins/sql"
	"github.com/pintle-hub/pintle/plugins/sql/pgtest"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDriver) != "" { // a process to be killed: see crash_test.go
		os.Exit(child())
	}
	stop, err := pgtest.Share()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent(), goleak.Cleanup(func(code int) {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

// database is an empty database of its own, and a second way to look into it.
type database struct {
	*sql.DB
	driver, dsn string
}

// onBoth runs a test on each kind of database.
func onBoth(t *testing.T, test func(t *testing.T, db database)) {
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteDatabase(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, postgresDatabase(t)) })
}

func sqliteDatabase(t testing.TB) database {
	path := filepath.Join(t.TempDir(), "ware house?.db")
	return look(t, database{driver: "sqlite", dsn: path}, "sqlite", sqliteURI(path)+"?_pragma=busy_timeout(5000)")
}

func sqliteURI(path string) string {
	return "file:" + strings.NewReplacer("?", "%3f", " ", "%20").Replace(path)
}

func postgresDatabase(t testing.TB) database {
	dsn := pgtest.Start(t)
	return look(t, database{driver: "postgres", dsn: dsn}, "pgx", dsn)
}

func look(t testing.TB, d database, driver, dsn string) database {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.DB = db
	return d
}

// rows returns what a query finds: a line for each row, its values with a bar between them.
func (d database) rows(t testing.TB, query string) string {
	t.Helper()
	found, err := d.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	names, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for found.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		if err := found.Scan(values...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(names))
		for i, v := range values {
			words[i] = fmt.Sprint(*v.(*any))
		}
		lines = append(lines, strings.Join(words, "|"))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// exec runs statements on the side.
func (d database) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := d.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// sink opens an sql sink that writes to the table "feedback", with the columns given; more changes its configuration.
func (d database) sink(t testing.TB, columns []string, more map[string]any) sdk.Sink {
	t.Helper()
	s, err := d.trySink(columns, more)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (d database) trySink(columns []string, more map[string]any) (sdk.Sink, error) {
	config := map[string]any{"driver": d.driver, "dsn": d.dsn, "table": "feedback", "columns": columns}
	for name, value := range more {
		config[name] = value
	}
	b, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return sqlsink.Program().Sinks[0].Open(context.Background(), b)
}

// cells is one event: the values of its columns.
type cells map[string]any

// batch makes a batch of one event for each line; the event's id is e0, e1, ...
func batch(t testing.TB, lines ...cells) *sdk.Batch {
	t.Helper()
	in, err := newBatch(lines)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func newBatch(lines []cells) (*sdk.Batch, error) {
	var b sdk.Builder
	columns := make(map[string]*sdk.Column)
	for i, line := range lines {
		e := sdk.Event{ID: fmt.Sprintf("e%d", i), Feedback: &sdk.Feedback{Text: "said"}}
		if err := b.Add(&e); err != nil {
			return nil, err
		}
		for name, value := range line {
			if columns[name] == nil {
				columns[name] = &sdk.Column{Name: sdk.AttrName("columns", name)}
			}
			columns[name].Set(i, valueOf(value))
		}
	}
	records, err := b.Records(nil)
	if err != nil {
		return nil, err
	}
	var attrs []*sdk.Values
	for _, c := range columns {
		if c.Kind == sdk.Null {
			continue // the hub sends no column without values
		}
		v, err := sdk.ColumnValues(c, len(lines))
		if err != nil {
			return nil, err
		}
		attrs = append(attrs, v)
	}
	return sdk.NewBatch(records, nil, nil, attrs), nil
}

func valueOf(v any) sdk.Value {
	if n, ok := v.(int); ok {
		return sdk.NumberValue(float64(n))
	}
	return sdk.ValueOf(v)
}

// write writes a batch and returns the outcomes in one line.
func write(t testing.TB, s sdk.Sink, in *sdk.Batch) (string, []sdk.Result) {
	t.Helper()
	results, err := s.Write(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != in.Len() {
		t.Fatalf("%d results for %d events", len(results), in.Len())
	}
	var all []string
	for _, r := range results {
		all = append(all, r.Outcome.String())
	}
	if shown := fmt.Sprint(results); strings.Contains(shown, secret) {
		t.Errorf("results quote a value: %s", shown)
	}
	return strings.Join(all, " "), results
}

// secret stands for what a customer wrote: it must not be in a result.
const secret = "duck"
