package sqlsink

import (
	"math"
	"strconv"

	"github.com/pintle-hub/pintle/sdk"
)

// row is one event as the table will hold it.
type row struct {
	event  int // place in the batch
	key    string
	order  string      // the key of the event, which orders events
	values []sdk.Value // in the order of the table's columns
}

// rows reads the rows of a batch. Events without a key are rejected.
func (s *sink) rows(in *sdk.Batch, results []sdk.Result) []row {
	expressions := s.config.Columns.Items()
	n := len(s.table.columns)
	cells := make([]sdk.Value, 0, n*in.Len())
	rows := make([]row, 0, in.Len())
	for i := range results {
		start := len(cells)
		if len(expressions) < n { // the key column has no expression
			cells = append(cells, sdk.StringValue(in.ID(i)))
		}
		for _, p := range expressions {
			cells = append(cells, in.Attr(i, p))
		}
		r := row{event: i, order: in.Key(i), values: cells[start:len(cells):len(cells)]}
		key := r.values[s.table.key]
		if key.IsNull() {
			column := s.table.columns[s.table.key]
			results[i] = sdk.RejectWith("null key", column, "the key column "+column+" is null for this event")
			continue
		}
		r.key = text(key)
		rows = append(rows, r)
	}
	return rows
}

// kinds returns for each column the kind of its first value.
func kinds(rows []row, columns int) []sdk.Kind {
	out := make([]sdk.Kind, columns)
	for c := range out {
		for _, r := range rows {
			if out[c] = r.values[c].Kind; out[c] != sdk.Null {
				break
			}
		}
	}
	return out
}

// latest returns the rows without those that a later one of the same key writes over.
func latest(rows []row) []row {
	last := make(map[string]int, len(rows))
	for i, r := range rows {
		last[r.key] = i
	}
	if len(last) == len(rows) {
		return rows
	}
	out := make([]row, 0, len(last))
	for i, r := range rows {
		if last[r.key] == i {
			out = append(out, r)
		}
	}
	return out
}

// text returns a value as a database reads it.
func text(v sdk.Value) string {
	if v.Kind != sdk.Number {
		return v.Text()
	}
	if n, ok := whole(v.Num); ok {
		return strconv.FormatInt(n, 10)
	}
	return strconv.FormatFloat(v.Num, 'g', -1, 64)
}

// whole returns n as an integer if it is one.
func whole(n float64) (int64, bool) {
	if n != math.Trunc(n) || math.Abs(n) >= 1<<62 {
		return 0, false
	}
	return int64(n), true
}
