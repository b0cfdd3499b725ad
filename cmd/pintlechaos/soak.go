package main

import (
	"context"
	"os"
	"time"
)

// soakCommand does the scenarios in turn, each time with another seed, until the time is over or something is red.
func soakCommand(ctx context.Context, args []string) error {
	r := &run{out: os.Stdout}
	f := r.flags("soak")
	length := f.Duration("for", 75*time.Minute, "how long")
	if err := f.Parse(args); err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	list, err := r.chosen()
	if err != nil {
		return err
	}
	if err := r.buildSwitched(ctx, list); err != nil {
		return err
	}
	end := time.Now().Add(*length)
	for i := 0; time.Now().Before(end) && ctx.Err() == nil; i++ {
		s := list[i%len(list)]
		if res := r.one(ctx, s, r.cycles(s), r.seed+uint64(i)); res.red() {
			break
		}
	}
	return r.report()
}
