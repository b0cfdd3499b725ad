package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/mutant"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// slack of the tests' limits of time: they run beside others, on machines that we do not know.
const slack = 4

// The short run: the real hub is killed, dies at named places and is judged; then hubs that break a promise on purpose must be
// found out. The full one is "make chaos". // promises 1, 2, 3, 4, 8, 11
func TestTheHubStandsFaultsAndCheckersSeeThem(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	dir := t.TempDir()
	self, err := rig.Build(t.Context(), dir, "cmd/pintlechaos")
	if err != nil {
		t.Fatal(err)
	}
	hub, err := rig.Build(t.Context(), dir, "cmd/pintle")
	if err != nil {
		t.Fatal(err)
	}
	switched, err := mutant.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios() {
		if s.Short == 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			r := &run{out: &out, dir: t.TempDir(), hub: hub, self: self, switched: switched, slack: slack, short: true}
			res := r.one(t.Context(), s, s.Short, 42)
			t.Log(out.String())
			if res.red() {
				t.Errorf("%s: %v %s", res.word(), res.Red(), res.Error)
			}
			if !s.Judged { // what a scenario saw by itself is not in the history
				checkAgain(t, res)
			}
		})
	}
	for _, m := range quickMutants() {
		t.Run("mutant "+m.Name+" "+string(m.Schedule), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			g := &gate{dir: t.TempDir(), self: self, switched: switched, seed: 1, slack: slack, out: &out}
			if g.judge(t.Context(), m) != 0 {
				t.Error(out.String())
			}
			t.Log(out.String())
		})
	}
}

// quickMutants are those of the short run, and each of their schedules without one.
func quickMutants() (list []mutant.Mutant) {
	seen := map[mutant.Schedule]bool{}
	for _, m := range mutant.Mutants() {
		if !m.Quick {
			continue
		}
		if !seen[m.Schedule] {
			list = append(list, mutant.Mutant{Schedule: m.Schedule})
		}
		seen[m.Schedule] = true
		list = append(list, m)
	}
	return list
}

// checkAgain judges the kept history once more.
func checkAgain(t *testing.T, res *result) {
	t.Helper()
	again, err := check.Dir(res.Dir, check.Options{Slack: slack})
	if err != nil || again.Verdict != res.Verdict || strings.Join(again.Red(), " ") != strings.Join(res.Red(), " ") {
		t.Errorf("judged again: %s %v (%v), before %s %v", again.Verdict, again.Red(), err, res.Verdict, res.Red())
	}
}

// Names choose scenarios, so each has one of its own.
func TestScenariosHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios() {
		if s.Name == "" || s.Doc == "" || seen[s.Name] || s.Run == nil || s.Full < s.Short {
			t.Errorf("scenario %+v", s)
		}
		seen[s.Name] = true
	}
}

// The same seed draws the same kills.
func TestASeedIsASchedule(t *testing.T) {
	draw := func(seed uint64) []strike { return schedule(rig.NewRand(seed), 50) }
	if !slices.Equal(draw(1), draw(1)) || slices.Equal(draw(1), draw(2)) {
		t.Error("the schedule does not follow from the seed")
	}
}
