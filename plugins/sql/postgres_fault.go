package sqlsink

import (
	"context"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pintle-hub/pintle/sdk"
)

// postgresFault judges an error by its SQLSTATE. The server's own words are used only if quote is set: with rows in play they
// may quote a value.
func postgresFault(err error, doing string, quote bool) *fault {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return &fault{outcome: sdk.Retry, message: "cannot " + doing + ": " + connectionReason(err)}
	}
	f := &fault{code: e.Code, message: "cannot " + doing + ": " + postgresReason(e.Code), field: e.ColumnName}
	f.outcome, f.moved = postgresOutcome(e.Code)
	if f.field == "" {
		f.field = e.ConstraintName
	}
	if quote {
		f.message = "cannot " + doing + ": " + e.Message
	}
	return f
}

// postgresOutcome says what an SQLSTATE means for the events; moved, that the table is not what it was.
func postgresOutcome(code string) (outcome sdk.Outcome, moved bool) {
	switch code {
	case "42P01", "42703", "42804", "42P18", "42704", "0A000": // no such table or column, another type, a plan gone stale
		return sdk.Fatal, true
	case "3D000", "3F000":
		return sdk.Fatal, false
	case "P0001", "21000", "44000":
		return sdk.Reject, false
	}
	switch code[:min(2, len(code))] {
	case "22", "23", "54":
		return sdk.Reject, false
	case "28", "42":
		return sdk.Fatal, false
	}
	return sdk.Retry, false
}

// postgresReason says what an SQLSTATE means.
func postgresReason(code string) string {
	reasons := map[string]string{
		"21000": "two rows of the batch are one for the table", "22001": "a text is too long for its column",
		"22003": "a number is out of the range of its column", "22007": "a text is not a time", "22008": "a time is out of range",
		"22P02": "a text does not fit the type of its column", "22021": "a text holds a NUL byte or is not UTF-8, which PostgreSQL does not keep",
		"23502": "null is not allowed there", "23503": "the row it refers to is not there", "23505": "another row has this value already",
		"23514": "a check constraint refuses it", "40001": "another transaction came in between", "40P01": "a deadlock with another transaction",
		"42501": "the user of the database may not do this; grant it SELECT, INSERT and UPDATE on the table",
		"42P10": "the key column has no unique index; make it the primary key, or create a unique index on it",
		"53100": "the disk of the server is full", "53300": "the server has too many connections", "54000": "a value is too large for an index",
		"55P03": "another session has locked it", "57014": "it took too long", "57P01": "the server is shutting down", "57P03": "the server is starting", "P0001": "a trigger refuses it",
		"25006": "the server is a standby and takes no writes",
	}
	if r, ok := reasons[code]; ok {
		return r
	}
	return "see the error codes of PostgreSQL"
}

// connectionReason says why there was no answer, without what a driver may quote.
func connectionReason(err error) string {
	var dial *net.OpError
	var name *net.DNSError
	switch {
	case errors.As(err, &name):
		return "the name of the server is not known"
	case errors.As(err, &dial) && dial.Op == "dial":
		return dial.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return "the connection broke"
}
