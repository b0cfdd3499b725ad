package sqlsink

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// writeTime bounds one batch, so that the hub hears of a database that hangs from the sink.
const writeTime = 60 * time.Second

// store is one kind of database. Its errors are faults.
type store interface {
	// connect makes sure that there is a connection.
	connect(ctx context.Context) error
	// write writes rows as one transaction and sets the results of those that the database refuses. kinds says what to make
	// columns of that are missing. An error means that no row was written, or that nobody knows.
	write(ctx context.Context, rows []row, kinds []sdk.Kind, results []sdk.Result) error
	// forget drops what is known about the table.
	forget()
	close() error
}

// sink writes rows into one table.
type sink struct {
	config Config
	table  table
	store  store
}

// open checks the configuration and, when the database is there, the credentials. A database that is down is no error: the
// events wait for it.
func open(ctx context.Context, c Config) (sdk.Sink, error) {
	t, err := c.table()
	if err != nil {
		return nil, err
	}
	s := &sink{config: c, table: t}
	if c.Driver == "sqlite" {
		s.store, err = newSQLite(c, t)
	} else {
		s.store, err = newPostgres(c, t)
	}
	if err != nil {
		return nil, err
	}
	if err := s.store.connect(ctx); err != nil {
		if f := asFault(err); f.outcome == sdk.Fatal {
			_ = s.store.close()
			return nil, f.coded()
		}
	}
	return s, nil
}

// Close ends the connection.
func (s *sink) Close() error { return s.store.close() }

// Write writes the batch as one transaction. Rows that the database refuses are rejected one by one, the others are written.
func (s *sink) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	results := in.Results()
	rows := s.rows(in, results)
	if len(rows) == 0 {
		return results, nil
	}
	if err := s.write(ctx, rows, results); err != nil {
		f := asFault(err)
		if f.outcome != sdk.Fatal {
			return nil, sdk.Errorf(sdk.Unavailable, "write to %s: %w", s.table, f)
		}
		for i := range results {
			results[i] = f.result()
		}
		return results, nil
	}
	for _, r := range rows {
		if results[r.event].Outcome == sdk.Done {
			results[r.event].Receipt = r.key
		}
	}
	return results, nil
}

// write tries once more when somebody changed the table since the last batch.
func (s *sink) write(ctx context.Context, rows []row, results []sdk.Result) error {
	kinds := kinds(rows, len(s.table.columns))
	for first := true; ; first = false {
		err := s.store.connect(ctx)
		if err == nil {
			err = s.store.write(ctx, rows, kinds, results)
		}
		if err == nil || !first || !asFault(err).moved {
			return err
		}
		s.store.forget()
		for _, r := range rows {
			results[r.event] = sdk.Result{}
		}
	}
}
