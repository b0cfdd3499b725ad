package sqlsink

import (
	"slices"

	"github.com/pintle-hub/pintle/sdk"
)

// lockNotAvailable is the SQLSTATE of a statement that has waited for a lock longer than lock_timeout.
const lockNotAvailable = "55P03"

// maxLocked is how many statements of one batch may wait for a lock in vain. One row among a thousand is found with eleven.
const maxLocked = 12

// locks looks for the rows of a batch that somebody else has locked, maybe for hours, so that the others need not wait for
// them. Later rows of the same key wait behind them.
type locks struct {
	found  *fault
	waited int
	keys   []string // of the rows that are locked
	orders []string
}

// add notes that rows could not be written, and says whether to go on by halves.
func (l *locks) add(f *fault, rows []row) bool {
	if l.waited++; l.waited > maxLocked {
		return false
	}
	if len(rows) == 1 {
		l.found, l.keys, l.orders = f, append(l.keys, rows[0].key), append(l.orders, rows[0].order)
	}
	return true
}

// free returns the rows that wait behind no other, and answers for the rest.
func (l *locks) free(rows []row, results []sdk.Result) []row {
	if l.found == nil {
		return rows
	}
	var free []row
	for _, r := range rows {
		if slices.Contains(l.keys, r.key) || slices.Contains(l.orders, r.order) {
			results[r.event] = l.found.result()
			continue
		}
		free = append(free, r)
	}
	return free
}
