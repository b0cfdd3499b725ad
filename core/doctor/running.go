package doctor

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// statusWait is how long a hub may take to say how it is.
const statusWait = 10 * time.Second

// running asks the hub that runs on the data folder, if there is one.
func (x *examiner) running(ctx context.Context) {
	if x.Settings.DataDir == "" {
		return
	}
	if _, err := os.Stat(x.Settings.DataDir); err != nil {
		return // the folder is told of below
	}
	ctx, cancel := context.WithTimeout(ctx, statusWait)
	defer cancel()
	s, err := x.Status(ctx)
	switch {
	case err != nil:
		x.fail(Finding{Check: "hub", Seen: "a hub has its socket at " + x.Socket + " but does not answer: " + err.Error(),
			Why: "it cannot be asked, reloaded or watched", Mend: "run as the user who runs the hub; if it is stuck, kill -QUIT it for its last words, and start it again: nothing stored is lost"})
	case s == nil:
		x.lock()
	default:
		x.hub = s
		x.state(*s)
	}
	x.socket()
}

// state says how the running hub is doing.
func (x *examiner) state(s hub.Status) {
	x.ok("hub", "runs since "+s.Started.UTC().Format(time.DateTime)+" UTC")
	if !s.Balanced {
		x.fail(Finding{Check: "hub.books", Seen: "the books do not balance", Why: "an event was lost or counted twice: a fault of pintle", Mend: "keep the data folder as it is and report it"})
	}
	if s.Log.Problem != "" {
		x.fail(Finding{Check: "hub.log", Seen: s.Log.Problem, Why: "sources wait until it can store again; nothing is lost", Mend: "make room on the disk, or raise the limits"})
	}
	for _, e := range s.Errors {
		x.fail(Finding{Check: "hub.errors", Seen: e, Why: "a part gave up; the others go on", Mend: x.Command("status") + " tells what to do"})
	}
	bad := false
	for _, b := range reports(s) {
		if b.State != flow.StateWaiting && b.State != flow.StateFailing && b.State != flow.StateBroken {
			continue
		}
		bad = true
		f := Finding{Check: "hub." + b.name, Seen: fmt.Sprintf("it is %s: %s", b.State, b.Error), Why: "what waits for it is kept, and is kept back", Mend: x.Command("status") + " tells what to do"}
		if b.State == flow.StateBroken {
			x.fail(f)
		} else {
			x.warn(f)
		}
	}
	if dead := s.Books.Dead + s.Books.InsightsDead; dead > 0 {
		x.warn(Finding{Check: "hub.dead", Seen: count(int(dead), "dead letter"), Why: "these events have not arrived", Mend: x.Command("dlq list")})
	}
	if !bad && len(s.Errors) == 0 {
		x.ok("hub.blocks", "all sources, analyzers and sinks work")
	}
}

type named struct {
	name string
	flow.Report
}

// reports lists how each block is doing.
func reports(s hub.Status) []named {
	var all []named
	for _, b := range s.Sources {
		all = append(all, named{b.Address, b.Report})
	}
	for _, p := range s.Pipelines {
		all = append(all, named{"pipeline." + p.Name, p.Report})
		for _, b := range p.Sinks {
			all = append(all, named{b.Address, b.Report})
		}
	}
	return all
}
