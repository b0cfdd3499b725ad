package hub_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/hub"
)

// ordeal is the size of a kill test.
type ordeal struct {
	events, keys, kills int
	chunk               int // events in one batch of the source
}

const ordealHCL = `
pintle {
  data_dir = "./data"
}
source "numbers" "a" {
  count = EVENTS
  keys  = KEYS
  chunk = CHUNK
  pause = "PAUSE"
  gate  = "DIR/gate"
}
source "calls" "b" {
  pause = "1ms"
  acked = "DIR/acked"
  until = "DIR/enough"
}
analyzer "tally" "t" {
  emit_every = 20
}
analyzer "trip" "x" {
  seen = event.t.n
}
sink "ledger" "out" {
  path = "DIR/out"
  note = event.t.n
}
sink "ledger" "copy" {
  path = "DIR/copy"
}
sink "ledger" "insights" {
  path = "DIR/insights"
  note = insight.people
}
pipeline "p" {
  from    = [source.numbers.a]
  through = [analyzer.tally.t, analyzer.trip.x]
  route "all" {
    to = [sink.ledger.out, sink.ledger.copy]
  }
  route "insights" {
    on = insight
    to = [sink.ledger.insights]
  }
}
sink "ledger" "calls" {
  path = "DIR/calls"
}
pipeline "q" {
  from = [source.calls.b]
  route "all" {
    to = [sink.ledger.calls]
  }
}
`

func (o ordeal) hcl(dir, pause string) string {
	return strings.NewReplacer("DIR", dir, "EVENTS", strconv.Itoa(o.events), "KEYS", strconv.Itoa(o.keys),
		"CHUNK", strconv.Itoa(o.chunk), "PAUSE", pause).Replace(ordealHCL)
}

// Whatever is killed, at whatever moment: no event is lost or mangled, each key keeps its order, and what the analyzers found
// is what they find when nobody disturbs them. // promises 1, 2, 3, 4, 11
func TestKillAnythingAtAnyMoment(t *testing.T) {
	o := ordeal{events: 20_000, keys: 7, kills: 10, chunk: 20}
	if os.Getenv("PINTLE_KILL") == "long" {
		o = ordeal{events: 200_000, keys: 50, kills: 50, chunk: 50}
	}
	want := t.TempDir()
	touch(t, filepath.Join(want, "enough"))
	undisturbed := runIdle(t, want, o.hcl(want, "0s"))

	n := newNemesis(t, o)
	s := n.run()
	checkBooks(t, s, undisturbed, o)
	checkCalls(t, ledgerLines(t, filepath.Join(n.dir, "calls")), lastAcked(filepath.Join(n.dir, "acked")), n.struck["hub"]+n.struck["source"]+n.struck["sink"])
	for _, ledger := range []string{"out", "copy", "insights"} {
		d := checkDeliveries(t, ledger, ledgerLines(t, filepath.Join(n.dir, ledger)), ledgerLines(t, filepath.Join(want, ledger)))
		d.bounded(t, n.struck["hub"]+n.struck["sink"])
	}
	if dead := letters(t, n.dir, n.o.hcl(n.dir, pause)); len(dead) > 0 {
		t.Errorf("%d dead letters, the first is %+v", len(dead), dead[0])
	}
	checkLog(t, n.dir, n.o.hcl(n.dir, pause))
	await(t, "all processes to be gone", func() bool { return len(alive(t, n.dir)) == 0 })
}

// nemesis runs a hub and kills it and its plugins in turn. All its randomness comes from one seed.
type nemesis struct {
	t      *testing.T
	o      ordeal
	dir    string
	rng    *rand.Rand
	hub    *hubChild
	struck map[string]int // kills by what was killed
	slow   time.Duration  // the longest time until events arrived again
}

// pause of the source between two batches, so that a kill meets events on their way.
const pause = "5ms"

func newNemesis(t *testing.T, o ordeal) *nemesis {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PINTLE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("PINTLE_SEED=%d", seed)
	n := &nemesis{t: t, o: o, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 0)), struck: map[string]int{}}
	if err := os.Mkdir(filepath.Join(n.dir, "pids"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(n.dir, "hub.hcl"), []byte(o.hcl(n.dir, pause)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.keep)
	return n
}

// keep saves what a failed run has left, for who looks for the reason.
func (n *nemesis) keep() {
	if !n.t.Failed() {
		return
	}
	to, err := os.MkdirTemp("", "pintle-kill")
	if err == nil {
		err = os.CopyFS(to, os.DirFS(n.dir))
	}
	n.t.Logf("what was left is in %s (%v)", to, err)
}

// run lets all events through, in as many parts as there are kills and one more, with a kill in each but the last.
func (n *nemesis) run() hub.Status {
	openGate(n.t, n.dir, 0)
	n.hub = startHub(n.t, n.dir)
	for i := range n.o.kills {
		n.strike(i)
		if i%4 == 3 {
			n.restart()
		}
	}
	openGate(n.t, n.dir, n.o.events)
	touch(n.t, filepath.Join(n.dir, "enough"))
	s := n.hub.status(n.t)
	n.t.Logf("killed %v; at most %v until events arrived again", n.struck, n.slow.Round(time.Millisecond))
	return s
}

// strike lets part i of the events flow and kills something while they do. Now and then it does not wait until what was
// killed before has recovered.
func (n *nemesis) strike(i int) {
	size := n.size()
	openGate(n.t, n.dir, n.o.events*(i+1)/(n.o.kills+1))
	if hasty := i > 0 && n.rng.IntN(5) == 0; !hasty {
		began := time.Now()
		n.await("events to arrive", func() bool { return n.size() > size })
		n.slow = max(n.slow, time.Since(began))
	}
	time.Sleep(time.Duration(n.rng.IntN(300)) * time.Millisecond)
	kind := []string{"hub", "source", "analyzer", "sink"}[i%4]
	n.struck[kind]++
	if kind == "hub" {
		n.hub.kill()
		n.hub = startHub(n.t, n.dir)
		return
	}
	var pids []int
	n.await("a living "+kind, func() bool {
		pids = pluginsOf(n.t, n.dir, kind)
		return len(pids) > 0
	})
	_ = syscall.Kill(pids[n.rng.IntN(len(pids))], syscall.SIGKILL) // it may have gone by itself
}

// restart ends the hub politely, which is no fault, and starts it again. The analyzers' state is saved then.
func (n *nemesis) restart() {
	_ = n.hub.cmd.Process.Signal(syscall.SIGTERM)
	n.hub.status(n.t)
	n.hub = startHub(n.t, n.dir)
}

func (n *nemesis) await(what string, cond func() bool) {
	n.t.Helper()
	defer func() {
		if n.t.Failed() {
			n.hub.kill()
			n.t.Logf("the hub said: %s%s", n.hub.stderr.String(), n.hub.stdout.String())
		}
	}()
	await(n.t, fmt.Sprintf("%s (killed so far %v)", what, n.struck), cond)
}

// size of the ledger, which grows with every delivery.
func (n *nemesis) size() int64 {
	info, err := os.Stat(filepath.Join(n.dir, "out"))
	if err != nil {
		return 0
	}
	return info.Size()
}
