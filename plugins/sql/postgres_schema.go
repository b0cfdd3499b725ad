package sqlsink

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/pintle-hub/pintle/sdk"
)

// columnType is the type of a column as PostgreSQL writes it.
type columnType struct {
	// base is the type without its length: to convert to varchar(3) cuts off the rest without a word, to assign to it does not.
	base, full string
	// limit is the number of characters that a varchar or char takes, 0 for any.
	limit int
}

// tooLong reports whether a text is longer than the column takes.
func (c columnType) tooLong(s string) bool {
	return c.limit > 0 && utf8.RuneCountInString(strings.TrimRight(s, " ")) > c.limit
}

// prepare makes what is missing of the table, and the statement that writes rows. It looks again after it has made something:
// another sink may have made the table at the same moment, with columns of its own.
func (s *postgresStore) prepare(ctx context.Context, kinds []sdk.Kind) error {
	for range maxLooks {
		have, err := s.columns(ctx)
		if err != nil {
			return err
		}
		var has func(string) bool
		if have != nil {
			has = func(column string) bool { _, ok := have[column]; return ok }
		}
		statements, err := s.table.missing(has, kinds, dialect{postgresType, "ADD COLUMN IF NOT EXISTS"})
		if err != nil {
			return err
		}
		if len(statements) == 0 {
			s.compose(have)
			return nil
		}
		if err := s.make(ctx, statements); err != nil {
			return err
		}
	}
	return &fault{outcome: sdk.Retry, moved: true, code: "table changes", message: "table " + s.table.String() + " is being changed by others at the same time"}
}

// maxLooks bounds how often a table that keeps changing is looked at before the batch is tried again later.
const maxLooks = 5

// make creates the table, or adds columns to it.
func (s *postgresStore) make(ctx context.Context, statements []string) error {
	for _, statement := range statements {
		if _, err := s.conn.Exec(ctx, statement); err != nil {
			f := postgresFault(err, "make the table", true)
			if f.code == "23505" || f.code == "42P07" || f.code == "42701" { // another sink made it at the same time
				f.outcome, f.moved = sdk.Retry, true
			}
			return f
		}
	}
	return nil
}

// postgresType returns the type of a column whose first value is of kind k.
func postgresType(k sdk.Kind) string {
	return [...]string{"text", "boolean", "double precision", "text", "text", "text"}[k]
}

// columns returns the table's columns by name, nil when there is no such table.
func (s *postgresStore) columns(ctx context.Context) (map[string]columnType, error) {
	found, err := s.conn.Query(ctx, `
		SELECT a.attname, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), -1),
		       format_type(a.atttypid, a.atttypmod),
		       CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`, s.table.String())
	if err != nil {
		return nil, postgresFault(err, "read the table's columns", true)
	}
	var have map[string]columnType
	var name string
	var c columnType
	_, err = pgx.ForEachRow(found, []any{&name, &c.base, &c.full, &c.limit}, func() error {
		if have == nil {
			have = make(map[string]columnType)
		}
		have[name] = c
		return nil
	})
	if err != nil {
		return nil, postgresFault(err, "read the table's columns", true)
	}
	return have, nil
}

// compose writes the statement: one array of texts for each column, converted to the column's type.
func (s *postgresStore) compose(have map[string]columnType) {
	n := len(s.table.columns)
	values, arrays, names := make([]string, n), make([]string, n), make([]string, n)
	s.types = make([]columnType, n)
	for i, column := range s.table.columns {
		s.types[i] = have[column]
		names[i] = fmt.Sprintf("c%d", i)
		values[i] = "r." + names[i] + "::" + s.types[i].base
		arrays[i] = fmt.Sprintf("$%d::text[]", i+1)
	}
	s.insert = "INSERT INTO " + s.table.String() + " (" + s.table.quoted() + ") SELECT " + strings.Join(values, ", ") +
		" FROM unnest(" + strings.Join(arrays, ", ") + ") AS r(" + strings.Join(names, ", ") + ")" + s.table.onConflict()
}
