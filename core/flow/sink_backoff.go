package flow

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// Back-off of a sink's retries, when its target does not say how long to wait.
const (
	firstRetry = 500 * time.Millisecond
	// longRetry bounds how long one key waits, longProbe how long the whole sink does: a new event never waits longer for its
	// first try because others fail.
	longRetry = time.Minute
	longProbe = 5 * time.Second
	// maxRetryAfter bounds what a target may ask for.
	maxRetryAfter = time.Hour
	// probeEvents is how many events are risked on a target that took none the last time.
	probeEvents = 8
)

// RetryDelay says how long to wait after so many failures before the one that just happened: any time up to a bound that
// doubles from half a second to longest, so that what failed together does not return together. A target that asked for a time
// gets it, and up to a tenth and a second more; never less, unless it asked for more than an hour.
func RetryDelay(failures int, asked, longest time.Duration) time.Duration {
	if asked > 0 {
		asked = min(asked, maxRetryAfter)
		return asked + rand.N(min(asked/10, time.Second)+1)
	}
	return 1 + rand.N(min(firstRetry<<min(failures, 10), longest))
}

// outage tells a target that takes nothing at all from one that objects to a single key. Without it every held event of a long
// outage would be tried by itself, and the target that comes back be met by all of them.
type outage struct {
	failures int    // answers in a row that settled nothing
	key      string // of the first event of the first of them
	several  bool   // they were about more than one key
}

// feel learns from the answer to j. When nothing of several keys was settled, the sink waits as a whole and then risks a few
// events; when something is, all that the outage held back may go.
func (p *pump) feel(j *job, results []sdk.Result) {
	o := &p.outage
	if slices.ContainsFunc(results, func(r sdk.Result) bool { return r.Outcome != sdk.Retry }) {
		if o.several {
			p.wake()
		}
		*o = outage{}
		return
	}
	if o.failures == 0 {
		o.key = j.records.Key(int(j.events[0]))
	}
	o.several = o.several || slices.ContainsFunc(j.events, func(i uint32) bool { return j.records.Key(int(i)) != o.key })
	if o.several {
		p.pause = time.Now().Add(RetryDelay(o.failures, min(soonest(results), longProbe), longProbe))
	}
	o.failures++
}

// soonest returns the shortest time that a target has asked for, zero if it left some event to the hub.
func soonest(results []sdk.Result) time.Duration {
	asked := results[0].After
	for _, r := range results {
		asked = min(asked, r.After)
	}
	return max(asked, 0)
}

// wake lets go what waits for no other reason than the outage that has just ended.
func (p *pump) wake() {
	now := time.Now()
	for _, h := range p.holds {
		if !h.busy && !h.asked {
			h.due, h.tries = now, 0
		}
	}
}

// probing reports whether the target took nothing the last time, so that little is risked.
func (p *pump) probing() bool { return p.search == nil && (p.tries > 0 || p.outage.several) }

// risk cuts a new job down to what is risked now; the rest comes next.
func (p *pump) risk(j *job) *job {
	if j.again || !p.probing() || len(j.events) <= probeEvents {
		return j
	}
	p.queue = slices.Insert(p.queue, 0, j.part(j.events[probeEvents:]))
	return j.part(j.events[:probeEvents])
}
