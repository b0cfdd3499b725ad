package sqlsink

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/pintle-hub/pintle/sdk"
)

// sqliteStore writes to an SQLite file. Other processes may write to it too: each transaction takes the lock at its beginning.
type sqliteStore struct {
	table table
	path  string // "" when the dsn is a URI
	uri   string
	file  fs.FileInfo
	db    *sql.DB
	conn  *sql.Conn
	put   *sql.Stmt // nil until the table is known
}

func newSQLite(c Config, t table) (*sqliteStore, error) {
	s := &sqliteStore{table: t, uri: c.DSN.Reveal()}
	if strings.Contains(s.uri, ":memory:") || strings.Contains(s.uri, "mode=memory") || s.uri == "" {
		return nil, sdk.Errorf(sdk.Invalid, "dsn: a database in memory is gone when the hub stops; write the path of a file")
	}
	if !strings.HasPrefix(s.uri, "file:") {
		s.path = s.uri
		s.uri = "file:" + (&url.URL{Path: s.path}).EscapedPath()
	}
	return s, nil
}

// connect opens the file, or makes it: readable for its owner alone, since what customers said goes in.
func (s *sqliteStore) connect(ctx context.Context) error {
	if s.conn != nil && s.inPlace() {
		return nil
	}
	if err := s.close(); err != nil {
		return sqliteFault(err, "close the file")
	}
	if err := s.makeFile(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", s.uri)
	if err != nil {
		return sqliteFault(err, "open the file")
	}
	conn, err := db.Conn(ctx)
	for _, pragma := range []string{"busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL"} {
		name, _, _ := strings.Cut(pragma, " ")
		if err == nil && !strings.Contains(s.uri, "_pragma="+name) { // a URI may know better
			_, err = conn.ExecContext(ctx, "PRAGMA "+pragma)
		}
	}
	if err != nil {
		_ = db.Close()
		return sqliteFault(err, "open the file")
	}
	s.db, s.conn = db, conn
	return nil
}

func (s *sqliteStore) makeFile() error {
	if s.path == "" {
		return nil
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case err == nil:
		s.file, err = f.Stat()
		return errors.Join(err, f.Close())
	case errors.Is(err, fs.ErrNotExist):
		return &fault{outcome: sdk.Fatal, message: "there is no folder " + filepath.Dir(s.path) + "; create it, or change dsn"}
	case errors.Is(err, fs.ErrPermission):
		return &fault{outcome: sdk.Fatal, message: "the user of the hub may not write to " + s.path}
	}
	return &fault{outcome: sdk.Retry, message: "cannot open " + s.path}
}

// inPlace reports whether the file is still at its path: SQLite goes on with one that was deleted, and all of it is lost.
func (s *sqliteStore) inPlace() bool {
	if s.path == "" {
		return true
	}
	there, err := os.Stat(s.path)
	return err == nil && os.SameFile(s.file, there)
}

// write runs one transaction. A row that breaks a constraint is undone by itself, the others stay.
func (s *sqliteStore) write(ctx context.Context, rows []row, kinds []sdk.Kind, results []sdk.Result) error {
	ctx = context.WithoutCancel(ctx) // a context that can end costs a goroutine a row; busy_timeout bounds the wait for the lock
	if _, err := s.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.fault(err, "begin")
	}
	err := s.prepare(ctx, kinds)
	if err == nil {
		err = s.insert(ctx, rows, results)
	}
	if err == nil {
		if _, err = s.conn.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = s.fault(err, "commit")
	}
	// There may be nothing to roll back, as some errors do it themselves. What prepare made is gone with it.
	_, failed := s.conn.ExecContext(ctx, "ROLLBACK")
	s.forget()
	if failed != nil && asFault(err).outcome == sdk.Retry {
		_ = s.close() // begin with a new connection
	}
	return err
}

// insert writes each row, and rejects those that the table refuses.
func (s *sqliteStore) insert(ctx context.Context, rows []row, results []sdk.Result) error {
	args := make([]any, len(s.table.columns))
	for _, r := range rows {
		for i, v := range r.values {
			args[i] = sqliteValue(v)
		}
		_, err := s.put.ExecContext(ctx, args...)
		if err == nil {
			continue
		}
		f := s.fault(err, "write")
		if f.outcome != sdk.Reject {
			return f
		}
		results[r.event] = f.result()
	}
	return nil
}

// sqliteValue returns v as the driver takes it; whole numbers stay whole in columns of any type.
func sqliteValue(v sdk.Value) any {
	switch v.Kind {
	case sdk.Null:
		return nil
	case sdk.Bool:
		return v.Bool
	case sdk.Number:
		if n, ok := whole(v.Num); ok {
			return n
		}
		return v.Num
	}
	return v.Text()
}

// prepare makes what is missing of the table, inside the transaction, and the statement that writes a row.
func (s *sqliteStore) prepare(ctx context.Context, kinds []sdk.Kind) error {
	if s.put != nil {
		return nil
	}
	has, err := s.columns(ctx)
	if err != nil {
		return err
	}
	statements, err := s.table.missing(has, kinds, dialect{sqliteType, "ADD COLUMN"})
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return s.fault(err, "make the table")
		}
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(s.table.columns)), ", ")
	s.put, err = s.conn.PrepareContext(ctx, "INSERT OR ABORT INTO "+s.table.String()+" ("+s.table.quoted()+") VALUES ("+marks+")"+s.table.onConflict())
	if err != nil {
		return s.fault(err, "prepare")
	}
	return nil
}

// columns tells which columns the table has; nil means that there is no such table.
func (s *sqliteStore) columns(ctx context.Context) (has func(string) bool, err error) {
	schema := s.table.schema
	if schema == "" {
		schema = "main"
	}
	found, err := s.conn.QueryContext(ctx, "SELECT name FROM pragma_table_info(?, ?)", s.table.name, schema)
	if err != nil {
		return nil, s.fault(err, "read the table's columns")
	}
	defer found.Close()
	var names []string
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return nil, s.fault(err, "read the table's columns")
		}
		names = append(names, name)
	}
	if err := found.Err(); err != nil {
		return nil, s.fault(err, "read the table's columns")
	}
	if names == nil {
		return nil, nil
	}
	return func(column string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, column) })
	}, nil
}

// sqliteType returns the type of a column whose first value is of kind k. A column without a type takes values of any kind as
// they are.
func sqliteType(k sdk.Kind) string {
	return [...]string{"", "boolean", "numeric", "text", "text", "text"}[k]
}

func (s *sqliteStore) forget() {
	if s.put != nil {
		_ = s.put.Close()
		s.put = nil
	}
}

func (s *sqliteStore) close() error {
	if s.db == nil {
		return nil
	}
	s.forget()
	err := errors.Join(s.conn.Close(), s.db.Close())
	s.db, s.conn = nil, nil
	return err
}
