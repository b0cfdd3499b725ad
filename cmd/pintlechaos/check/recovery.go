package check

import (
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// recovery holds promise 8 and its like for plugins: who was harmed works again within the limit that the fault names.
type recovery struct {
	tally
	slack float64
	open  map[string]*ledger.Record // the newest fault of who, until that is up
}

func newRecovery(o Options) *recovery {
	return &recovery{slack: float64(o.scaled(time.Millisecond)), open: map[string]*ledger.Record{}}
}

func (c *recovery) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Fault:
		if r.Limit > 0 {
			c.open[r.Who] = r
		}
	case ledger.Up:
		f := c.open[r.Who]
		if f == nil {
			return
		}
		delete(c.open, r.Who)
		c.Count++
		if took := r.Time - f.Time; float64(took) > float64(f.Limit)*c.slack {
			c.bad("%s was up %s after %s, allowed are %d ms", r.Who, time.Duration(took).Round(time.Millisecond), f.Text, f.Limit)
		}
	case ledger.Quiet:
		for who, f := range c.open {
			c.bad("%s was never seen up again after %s", who, f.Text)
		}
		clear(c.open)
	}
}

func (c *recovery) Finding() Finding { return c.done("recovery") }
