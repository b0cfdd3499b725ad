package check

import "github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"

// fence holds that an older generation of a sink is silent once the next one has answered. A history in which two hubs are set
// on one log on purpose notes a fault of the text Zombie; from then on the older one has until the record Up of the same Who
// to find out that it is not wanted.
type fence struct {
	tally
	newest map[string]uint64 // by sink: the newest generation that has answered
	grace  map[string]bool
}

// Zombie is the text of a fault by which an old hub comes back to life beside a new one.
const Zombie = "zombie"

func newFence() *fence { return &fence{newest: map[string]uint64{}, grace: map[string]bool{}} }

func (c *fence) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Fault:
		if r.Text == Zombie {
			c.grace[r.Who] = true
		}
	case ledger.Up:
		delete(c.grace, r.Who)
	case ledger.Ok, ledger.Same:
		c.Count++
		if r.Gen < c.newest[r.Who] && len(c.grace) == 0 {
			c.bad("generation %d of %s answers after generation %d", r.Gen, r.Who, c.newest[r.Who])
		}
		c.newest[r.Who] = max(c.newest[r.Who], r.Gen)
	}
}

func (c *fence) Finding() Finding {
	for who := range c.grace {
		c.bad("%s has never found out that another works in its place", who)
	}
	return c.done("fence")
}
