// Package sqlsink keeps events as rows of a table: the sink "sql", for PostgreSQL and SQLite.
//
// A batch is one transaction. A row is found by its key, so that an event that comes again writes over itself, and so does an
// insight that grew. It makes tables and adds columns; it never changes or deletes what is there otherwise. Its promise: what
// it calls done is committed, and results and logs hold no value of any column but the key.
package sqlsink

import "github.com/pintle-hub/pintle/sdk"

// Program is the plugin program "sql".
func Program() sdk.Program {
	return sdk.Program{Name: "sql", Version: "0.1.0", Sinks: []sdk.SinkSpec{
		sdk.NewSink("sql", "Writes each event as a row of a table.", sdk.NativeKey, open),
	}}
}
