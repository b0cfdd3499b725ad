package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// shape is what the reload scenario changes in a configuration, piece by piece. The zero value is where it begins.
type shape struct {
	third  bool // source c is read too
	sixth  bool // sink six gets all too
	marked int  // how often the condition of a route was written anew
	rate   int  // of source a, above 400
	calls  int  // of source b, above 400
	delay  int  // of sink one, in milliseconds
	every  int  // setting of an analyzer that counts beside the one which is checked
	env    int  // environment of the plugin: all that runs in it starts anew
}

const shapeHCL = `
pintle {
  data_dir = "./data"
}
plugin "chaos" {
  path = "{self}"
  args = ["plugin"]
  env  = { GENERATION = "%d" }
}
source "offer" "a" {
  ledger = "{ledger}"
  name   = "a"
  rate   = %d
}
source "offer" "c" {
  ledger = "{ledger}"
  name   = "c"
  rate   = 400
}
source "call" "b" {
  ledger = "{ledger}"
  name   = "b"
  rate   = %d
}
analyzer "tally" "t" {
  ledger = "{ledger}"
  every  = 20
}
analyzer "tally" "u" {
  ledger = "{ledger}"
  every  = %d
}
sink "take" "one" {
  ledger = "{ledger}"
  name   = "one"
  note   = event.t.n
  delay  = "%dms"
}
sink "takekey" "two" {
  ledger = "{ledger}"
  name   = "two"
  note   = event.t.n
}
sink "take" "three" {
  ledger = "{ledger}"
  name   = "three"
  note   = event.t.n
}
sink "take" "four" {
  ledger = "{ledger}"
  name   = "four"
}
sink "take" "five" {
  ledger = "{ledger}"
  name   = "five"
}
sink "take" "six" {
  ledger = "{ledger}"
  name   = "six"
}
pipeline "p" {
  from    = [%s]
  through = [analyzer.tally.t, analyzer.tally.u]
  route "all" {
    to = [%s]
  }
  route "marked" {
    when = event.subject == "marked"%s
    to   = [sink.take.three]
  }
  route "insights" {
    on = insight
    to = [sink.take.four]
  }
}
pipeline "q" {
  from = [source.call.b]
  route "all" {
    to = [sink.take.five]
  }
}
`

// never is a number of events of one key that no run reaches: the second analyzer raises nothing.
const never = 1_000_000

func (s shape) hcl() string {
	from, to := "source.offer.a", "sink.take.one, sink.takekey.two"
	if s.third {
		from += ", source.offer.c"
	}
	if s.sixth {
		to += ", sink.take.six"
	}
	return fmt.Sprintf(shapeHCL, s.env, 400+s.rate, 400+s.calls, never+s.every, s.delay, from, to, strings.Repeat(" && true", s.marked))
}

// changes are the things a person changes, by name.
func changes() []struct {
	name string
	make func(*shape)
} {
	return []struct {
		name string
		make func(*shape)
	}{
		{"a source joins or leaves", func(s *shape) { s.third = !s.third }},
		{"a sink joins or leaves", func(s *shape) { s.sixth = !s.sixth }},
		{"a route changes", func(s *shape) { s.marked = (s.marked + 1) % 4 }},
		{"a source changes", func(s *shape) { s.rate = (s.rate + 7) % 70 }},
		{"a source that is called changes", func(s *shape) { s.calls = (s.calls + 7) % 70 }},
		{"an analyzer changes", func(s *shape) { s.every++ }},
		{"a sink changes", func(s *shape) { s.delay = (s.delay + 1) % 3 }},
		{"the program of all changes", func(s *shape) { s.env++ }},
		{"all changes", func(s *shape) {
			s.rate, s.calls, s.every, s.delay, s.marked = (s.rate+7)%70, (s.calls+7)%70, s.every+1, (s.delay+1)%3, (s.marked+1)%4
		}},
		{"nothing changes", func(*shape) {}},
	}
}

// mistake is a configuration that must not be taken, and what must be said about it: all of it.
type mistake struct {
	name string
	make func(hcl string) string
	says []string
}

func mistakes() []mistake {
	replace := func(old, new string) func(string) string {
		return func(hcl string) string { return strings.ReplaceAll(hcl, old, new) }
	}
	return []mistake{
		{"a file cut short", func(hcl string) string { return hcl[:len(hcl)*2/3] }, []string{"hub.hcl"}},
		{"several mistakes", func(hcl string) string {
			return strings.Replace(strings.ReplaceAll(hcl, "rate ", "rte "), "[sink.take.five]", "[sink.take.fife]", 1)
		}, []string{"rte", "Did you mean rate?", "fife", "Did you mean"}},
		{"an empty file", func(string) string { return "" }, []string{"no pipeline"}},
		{"a program that is not there", replace("{self}", "./nothing"), []string{"there is no file"}},
		{"a program that is none", replace(`args = ["plugin"]`, `args = ["list"]`), []string{"does not say what it offers"}},
		{"a sink that cannot open", func(hcl string) string {
			return strings.Replace(hcl, "ledger = \"{ledger}\"\n  name   = \"two\"", "ledger = \"/nowhere\"\n  name   = \"two\"", 1)
		}, []string{"sink.takekey.two", "the old one goes on"}},
		{"an analyzer that cannot open", func(hcl string) string {
			return strings.Replace(hcl, "ledger = \"{ledger}\"\n  every  = 1", "ledger = \"/nowhere\"\n  every  = 1", 1)
		}, []string{"pipeline p", "the old one goes on"}},
		{"another data folder", replace(`"./data"`, `"./elsewhere"`), []string{"stop it and start it again"}},
	}
}

// turn is one cycle: what is changed, how the hub is told, and what is done to it meanwhile.
type turn struct {
	Change  int    `json:"change"`  // of changes, -1 for a mistake
	Mistake int    `json:"mistake"` // of mistakes, when Change is -1
	Hangup  bool   `json:"hangup"`  // told by SIGHUP
	Harm    string `json:"harm"`    // "", "kill" (-9 of the hub in the middle) or "stuck" (a sink that does not answer)
	After   int    `json:"after_ms"`
}

func turns(e *rig.Env, cycles int) []turn {
	list := make([]turn, cycles)
	good := rand.New(rand.NewPCG(e.Seed, 2)).Perm(len(changes()))
	for i := range list {
		t := turn{Change: good[i%len(good)], Hangup: e.Rand.IntN(3) == 0, After: e.Rand.IntN(400)}
		switch k := e.Rand.IntN(10); {
		case k < 3:
			t.Change, t.Mistake = -1, e.Rand.IntN(len(mistakes()))
		case k < 5:
			t.Harm = "kill"
		case k < 6:
			t.Harm = "stuck"
		}
		list[i] = t
	}
	return list
}
