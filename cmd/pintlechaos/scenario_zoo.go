package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo/keep"
)

func zooScenarios() []Scenario {
	return []Scenario{{Name: "zoo", Doc: "plugins that misbehave in every way beside a good route, which must not feel it", Short: 1, Full: len(zooGroups()),
		Run: runZoo, Settled: true, Judged: true}}
}

// zooGroups are the modes that are shown together in one hub; a letter behind a colon says as what. Those that take the
// processors from all others stand alone, and what a deadline of half a minute finds out stands last.
func zooGroups() []string {
	return []string{
		"twice:a results:k gush:k evil-error:k undecodable:s crash:a empty-lines:k",
		"unknown-id disorder zombie other-frame cut after-done chatter no-snapshot",
		"junk huge million checksum lengths count deep not-utf8",
		"nan undeclared imposter foreign-drop rules fatal long-error results:a",
		"noise dies-early exits other-version crash poison asleep",
		"leak burst daemon long-lines flood endless-line forger",
		"forks", "busy", "drip", "verbose",
		"hangs-closing undying frozen mute deaf hangs-opening no-handshake",
	}
}

// cages reads a group; a mode without a letter is shown as one of its kinds.
func cages(e *rig.Env, group string) (list []keep.Cage, slow bool, err error) {
	for word := range strings.FieldsSeq(group) {
		name, kind, chosen := strings.Cut(word, ":")
		m, ok := zoo.Find(name)
		if !ok {
			return nil, false, fmt.Errorf("the zoo has no %q", name)
		}
		if !chosen {
			i := e.Rand.IntN(len(m.Kinds))
			kind = m.Kinds[i : i+1]
		}
		list = append(list, keep.Cage{Mode: m, Kind: rune(kind[0])})
		slow = slow || m.Slow
	}
	return list, slow, nil
}

func runZoo(ctx context.Context, e *rig.Env, cycles int) error {
	var errs []error
	groups := zooGroups()
	for i := range cycles {
		group := groups[i%len(groups)]
		list, slow, err := cages(e, group)
		if err != nil {
			return err
		}
		dir := filepath.Join(e.Dir, fmt.Sprintf("zoo%d", i))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		slack := time.Duration(max(1, e.Slack))
		show := &keep.Show{Hub: e.Options.Hub, Self: e.Self, Dir: dir, Cages: list, Bad: 3 * time.Second, Baseline: 2 * time.Second,
			Again: 90 * slack * time.Second, Told: 20 * slack * time.Second, Slack: max(1, e.Slack)}
		if slow {
			show.Bad = 35 * time.Second
		}
		if err := showOnce(ctx, e, show); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", group, err))
		}
	}
	return errors.Join(errs...)
}

// showOnce gives one show and tells what was seen.
func showOnce(ctx context.Context, e *rig.Env, show *keep.Show) error {
	r, err := show.Run(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range show.Cages {
		names = append(names, c.Name())
	}
	e.Say("%s: %.0f -> %.0f events/s, p99 %s -> %s, hub %d -> %d MiB at %.0f %% of a processor, back in %s, stopped in %s", strings.Join(names, " "),
		r.Before.Rate(), r.During.Rate(), r.Before.P99.Round(time.Millisecond), r.During.P99.Round(time.Millisecond), r.RSSBefore>>20, r.RSS>>20,
		100*r.CPU, r.Back.Round(time.Millisecond), r.Stop.Round(time.Millisecond))
	if len(r.Faults) > 0 {
		return errors.New(strings.Join(r.Faults, "\n        "))
	}
	_ = os.RemoveAll(filepath.Join(show.Dir, "data"))
	return nil
}
