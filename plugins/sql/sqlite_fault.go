package sqlsink

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pintle-hub/pintle/sdk"
)

// fault returns the fault of an error, with the column it names if that is one of ours.
func (s *sqliteStore) fault(err error, doing string) *fault {
	f := sqliteFault(err, doing)
	if f.outcome == sdk.Reject {
		f.field = s.named(err)
	}
	return f
}

// named returns the column that a message such as "NOT NULL constraint failed: feedback.text" names.
func (s *sqliteStore) named(err error) string {
	words := strings.FieldsFunc(err.Error(), func(r rune) bool { return strings.ContainsRune(" .,()", r) })
	for _, w := range slices.Backward(words) {
		if slices.Contains(s.table.columns, w) {
			return w
		}
	}
	return ""
}

// sqliteFault judges an error by its code.
func sqliteFault(err error, doing string) *fault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return &fault{outcome: sdk.Retry, message: "cannot " + doing + ": the driver failed"}
	}
	f := &fault{outcome: sdk.Retry, code: fmt.Sprintf("sqlite %d", e.Code()), message: "cannot " + doing + ": " + sqliteReason(e.Code())}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		f.outcome = sdk.Reject
	case sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		f.outcome = sdk.Fatal
	case sqlite3.SQLITE_ERROR: // a statement that does not fit the table
		f.outcome, f.moved = sdk.Fatal, true
		if strings.Contains(err.Error(), "ON CONFLICT clause does not match") {
			f.message = "the key column has no unique index; make it the primary key, or create a unique index on it"
		}
	}
	return f
}

// sqliteReason says what a code means, without what SQLite says: a trigger may quote a row.
func sqliteReason(code int) string {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		return "null is not allowed there"
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return "another row has this value already"
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return "a check constraint refuses it"
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return "the row it refers to is not there"
	case sqlite3.SQLITE_CONSTRAINT_DATATYPE, sqlite3.SQLITE_MISMATCH:
		return "a value does not fit the type of its column"
	case sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return "a trigger refuses it"
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "the database is locked by another process"
	case sqlite3.SQLITE_FULL:
		return "the disk is full"
	case sqlite3.SQLITE_IOERR:
		return "the disk does not read or write"
	case sqlite3.SQLITE_CANTOPEN:
		return "the file cannot be opened"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return "the file is read-only for the user of the hub"
	case sqlite3.SQLITE_NOTADB:
		return "the file is not an SQLite database"
	case sqlite3.SQLITE_CORRUPT:
		return "the database is damaged; restore it from a backup"
	case sqlite3.SQLITE_TOOBIG:
		return "a value is too large"
	case sqlite3.SQLITE_CONSTRAINT:
		return "a constraint refuses it"
	case sqlite3.SQLITE_ERROR:
		return "the table does not fit the columns of the sink"
	}
	return "see the result codes of SQLite"
}
