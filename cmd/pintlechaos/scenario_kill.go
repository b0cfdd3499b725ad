package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func killScenarios() []Scenario {
	return []Scenario{
		{Name: "kill", Doc: "kill -9 of hub, source, analyzer and sink at random moments", Short: 12, Full: 150, Run: runKill},
		{Name: "points", Doc: "the hub dies at named places: before and after each kind of write, before it acknowledges, mid reload, ...",
			Short: 4, Full: 50, Switched: true, Run: runPoints},
		{Name: "million", Doc: "kill -9 with a million stored events that no sink takes", Full: 10, Settled: true, Run: runMillion},
		{Name: "zombie", Doc: "a paused hub comes back while another works on the same log", Short: 0, Full: 5, Run: runZombie},
	}
}

// strike is one kill of a schedule.
type strike struct {
	Target string        `json:"target"` // "hub", or the address of a block
	After  time.Duration `json:"after"`  // from when events flow again
	Hasty  bool          `json:"hasty"`  // does not wait until events flow again after the strike before
}

// schedule draws the kills. Between two kills of the hub a block is killed at most twice: five deaths within ten minutes would
// stop it for good, and the pause before a third start is longer than what a recovery may take.
func schedule(rng *rand.Rand, cycles int) []strike {
	blocks := []string{"source.offer.a", "source.call.b", "analyzer.tally.t", "sink.take.one", "sink.takekey.two", "sink.take.five"}
	deaths := map[string]int{}
	list := make([]strike, cycles)
	for i := range list {
		s := strike{Target: "hub", After: time.Duration(rng.IntN(250)) * time.Millisecond, Hasty: i > 0 && rng.IntN(5) == 0}
		if rng.IntN(5) >= 2 {
			s.Target = blocks[rng.IntN(len(blocks))]
		}
		if deaths[s.Target]++; s.Target != "hub" && deaths[s.Target] > 2 {
			s.Target = "hub"
		}
		if s.Target == "hub" {
			clear(deaths)
		}
		list[i] = s
	}
	return list
}

func runKill(ctx context.Context, e *rig.Env, cycles int) error {
	list := schedule(e.Rand, cycles)
	if err := e.SaveSchedule(list); err != nil {
		return err
	}
	if err := e.StartStandard(ctx, rig.StandardOptions{Reject: 97, Retry: 211, Drop: 101}); err != nil {
		return err
	}
	for _, s := range list {
		if err := strikeOnce(ctx, e, s); err != nil {
			return err
		}
	}
	return e.AwaitFlow(ctx, "one")
}

func strikeOnce(ctx context.Context, e *rig.Env, s strike) error {
	if !s.Hasty {
		if err := e.AwaitFlow(ctx, "one"); err != nil {
			return err
		}
		if err := e.Sample(); err != nil {
			return err
		}
	}
	if err := e.Sleep(ctx, s.After); err != nil {
		return err
	}
	if s.Target == "hub" {
		return e.KillHub(ctx, true)
	}
	return e.KillPlugin(ctx, s.Target, rig.PluginLimit, true)
}
