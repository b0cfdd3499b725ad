package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// million is a configuration whose sink is closed, so that a million events stay in the log.
const million = rig.Plugin + `
pintle {
  data_dir = "./data"
}
source "generate" "many" {
  count = 1000000
}
analyzer "tally" "t" {
  ledger = "{ledger}"
}
sink "take" "shut" {
  ledger = "{ledger}"
  name   = "shut"
  closed = true
}
pipeline "p" {
  from    = [source.generate.many]
  through = [analyzer.tally.t]
  route "all" {
    to = [sink.take.shut]
  }
}
`

// runMillion stores a million events that no sink takes, and kills the hub. // promise 8
func runMillion(ctx context.Context, e *rig.Env, cycles int) error {
	if err := e.Configure(million); err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	const many = 1_000_000
	err := e.Await(ctx, 2*time.Minute, "a million events to be stored", func() error {
		s, err := e.Hub0.Status(ctx)
		if err == nil && s.Sources[0].Total < many {
			err = fmt.Errorf("%d are", s.Sources[0].Total)
		}
		return err
	})
	if err != nil {
		return err
	}
	for range cycles {
		if err := e.KillHub(ctx, true); err != nil {
			return err
		}
		s, err := e.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		if s.Sources[0].Total != many {
			return errors.New("events are missing after a start")
		}
		if err := e.Sample(); err != nil {
			return err
		}
	}
	return e.Ledger.Note(ledger.Record{Kind: ledger.Quiet})
}
