package sqlsink

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pintle-hub/pintle/sdk"
)

// postgresStore writes to PostgreSQL over one connection, which it makes anew when it breaks.
type postgresStore struct {
	table  table
	config *pgx.ConnConfig
	conn   *pgx.Conn
	insert string // the statement that writes rows; "" until the table is known
	types  []columnType
}

func newPostgres(c Config, t table) (*postgresStore, error) {
	config, err := pgx.ParseConfig(c.DSN.Reveal())
	if err != nil { // its text may hold the password
		return nil, sdk.Errorf(sdk.Invalid, "dsn is not the address of a PostgreSQL database; write it as in postgres://user:password@host:5432/database")
	}
	// Statements are not prepared by name, so that a connection pooler may stand in between.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "pintle"
	}
	return &postgresStore{table: t, config: config}, nil
}

func (s *postgresStore) connect(ctx context.Context) error {
	if s.conn != nil && !s.conn.IsClosed() {
		return nil
	}
	s.forget()
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return postgresFault(err, "connect", true)
	}
	s.conn = conn
	return nil
}

// write writes all rows by one statement. When the database refuses a value in them, it writes the halves, down to the row
// that is refused.
func (s *postgresStore) write(ctx context.Context, rows []row, kinds []sdk.Kind, results []sdk.Result) error {
	if s.insert == "" {
		if err := s.prepare(ctx, kinds); err != nil {
			return err
		}
	}
	return s.writeRows(ctx, rows, results, &locks{})
}

func (s *postgresStore) writeRows(ctx context.Context, rows []row, results []sdk.Result, l *locks) error {
	if rows = l.free(rows, results); len(rows) == 0 {
		return nil
	}
	_, err := s.conn.Exec(ctx, s.insert, s.arguments(latest(rows))...)
	if err == nil {
		return nil
	}
	f := postgresFault(err, "write", false)
	switch {
	case f.code == lockNotAvailable && l.add(f, rows):
		if len(rows) == 1 {
			results[rows[0].event] = f.result()
			return nil
		}
	case f.outcome != sdk.Reject:
		return f
	case len(rows) == 1:
		if f.field == "" {
			f.field = s.guilty(ctx, rows[0], f.code)
		}
		results[rows[0].event] = f.result()
		return nil
	}
	half := len(rows) / 2
	if err := s.writeRows(ctx, rows[:half], results, l); err != nil {
		return err
	}
	return s.writeRows(ctx, rows[half:], results, l)
}

// arguments returns the values of each column, as texts: the server turns them into the column's type.
func (s *postgresStore) arguments(rows []row) []any {
	args := make([]any, len(s.table.columns))
	for c := range args {
		column := make([]*string, len(rows))
		for i, r := range rows {
			if v := r.values[c]; !v.IsNull() {
				t := text(v)
				column[i] = &t
			}
		}
		args[c] = column
	}
	return args
}

// guilty returns the column whose value is refused with code, "" if it cannot be told. It asks the server to convert one
// value after the other.
func (s *postgresStore) guilty(ctx context.Context, r row, code string) string {
	if !strings.HasPrefix(code, "22") {
		return ""
	}
	for c, v := range r.values {
		if v.IsNull() {
			continue
		}
		if s.types[c].tooLong(text(v)) {
			return s.table.columns[c]
		}
		_, err := s.conn.Exec(ctx, fmt.Sprintf("SELECT $1::text::%s", s.types[c].full), text(v))
		if err != nil && postgresFault(err, "convert", false).code == code {
			return s.table.columns[c]
		}
	}
	return ""
}

func (s *postgresStore) forget() { s.insert, s.types = "", nil }

func (s *postgresStore) close() error {
	if s.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return s.conn.Close(ctx)
}
