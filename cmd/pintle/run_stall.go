package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// How long a run that is to end by itself may stand still before it says what it waits for; then again after twice as long, up
// to longStall.
const (
	firstStall = 3 * time.Second
	longStall  = 5 * time.Minute
)

// tellStall says what a run with --until-idle waits for, and how to give up, when nothing has moved for a while: a target that
// is down is waited for as long as it takes. It returns when ctx ends.
func (r *runner) tellStall(ctx context.Context) {
	if !r.flags.untilIdle {
		return
	}
	tick := time.NewTicker(firstStall / 3)
	defer tick.Stop()
	var before uint64
	since, pause := time.Now(), firstStall
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s := r.hub.Status(ctx)
		if now := s.Books.Accepted + s.Books.Delivered + s.Books.Dead + s.Books.Dropped; now != before {
			before, since, pause = now, time.Now(), firstStall
			continue
		}
		if causes := stalled(s); len(causes) > 0 && time.Since(since) >= pause {
			fmt.Fprintf(r.screen, "still waiting, with %s in flight:\n  %s\nCtrl-C ends the run; what is in flight is kept and goes on with the next one.\n",
				counted(s.Books.InFlight, "event"), strings.Join(causes, "\n  "))
			pause = min(pause+2*pause, longStall)
		}
	}
}

// stalled names the blocks that are waited for, and why.
func stalled(s hub.Status) (causes []string) {
	add := func(name string, r flow.Report) {
		switch r.State {
		case flow.StateWaiting:
			causes = append(causes, name+" waits: "+nextTry(r)+clean(r.Error))
		case flow.StateFailing:
			causes = append(causes, name+" fails and is started again: "+clean(r.Error))
		}
	}
	for _, x := range s.Sources {
		add(x.Address, x.Report)
	}
	for _, p := range s.Pipelines {
		add("pipeline "+p.Name, p.Report)
		for _, k := range p.Sinks {
			add(k.Address, k.Report)
		}
	}
	return causes
}
