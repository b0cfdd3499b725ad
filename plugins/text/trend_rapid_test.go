package text_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
)

// naive is the trend analyzer as one would write it without thought of speed: it keeps every event and counts anew each time.
type naive struct {
	window, late time.Duration
	groups       map[string]*naiveGroup
	reported     map[string]figures // the last report of each episode, by id
}

type naiveGroup struct {
	counted  []numbered
	newest   time.Duration
	start    time.Duration
	reported int
}

type numbered struct {
	said
	id string
}

// figures is what the properties compare.
type figures struct {
	Stage                       string
	People, Events, Communities int64
	First, Last                 time.Time
	Evidence                    []string
}

func (n *naive) add(s numbered) {
	names, _ := s.group.([]string)
	for i, name := range names {
		if !slices.Contains(names[:i], name) && s.counts != "no" {
			n.addTo(name, s)
		}
	}
}

func (n *naive) addTo(name string, s numbered) {
	g := n.groups[name]
	if g == nil {
		g = &naiveGroup{}
		n.groups[name] = g
	}
	if len(g.counted) > 0 && s.at <= g.newest-n.late {
		return
	}
	g.newest = max(g.newest, s.at)
	before := n.inWindow(g)
	joined := !slices.ContainsFunc(before, func(o numbered) bool { return o.who == s.who })
	if len(before) == 0 {
		g.start, g.reported = s.at, 0
	}
	g.counted = append(g.counted, s)
	f, stage := n.figures(g)
	if stage > g.reported || joined && stage == g.reported {
		g.reported = stage
		id := "in_" + sdk.HashID("problems", day().Add(g.start).Format(time.RFC3339Nano), "", name)
		n.reported[id] = f
	}
}

func (n *naive) inWindow(g *naiveGroup) []numbered {
	var in []numbered
	for _, s := range g.counted {
		if s.at > g.newest-n.window {
			in = append(in, s)
		}
	}
	return in
}

func (n *naive) figures(g *naiveGroup) (figures, int) {
	in := n.inWindow(g)
	slices.SortFunc(in, func(a, b numbered) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return bytes.Compare([]byte(a.id), []byte(b.id))
	})
	newest, places := map[string]int{}, map[string]bool{}
	for i, s := range in {
		newest[s.who] = i
		places[s.place] = true
	}
	delete(places, "")
	f := figures{People: int64(len(newest)), Events: int64(len(in)), Communities: int64(len(places)),
		First: day().Add(in[0].at), Last: day().Add(g.newest)}
	for i, s := range in {
		if newest[s.who] == i {
			f.Evidence = append(f.Evidence, s.id)
		}
	}
	stage := min(len(newest), 3)
	f.Stage = []string{"", sdk.StageProblem, sdk.StagePattern, sdk.StageTrend}[stage]
	return f, stage
}

// drawSaid draws a stream of events, mostly in the order of time.
func drawSaid(t *rapid.T) []said {
	n := rapid.IntRange(1, 60).Draw(t, "events")
	list := make([]said, n)
	now := 30
	for i := range list {
		now += rapid.SampledFrom([]int{0, 0, 1, 1, 2, 5, 12}).Draw(t, "step")
		back := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 3, 7, 15}).Draw(t, "back")
		list[i] = said{
			at:      time.Duration(now-back) * time.Hour,
			who:     rapid.SampledFrom([]string{"ann", "bob", "cid", "dan", "eve"}).Draw(t, "who"),
			group:   rapid.SampledFrom([]any{[]string{"a"}, []string{"a"}, []string{"b"}, []string{"a", "b", "a"}, []string{}, nil}).Draw(t, "group"),
			place:   rapid.SampledFrom([]string{"", "forum", "club"}).Draw(t, "place"),
			counts:  rapid.SampledFrom([]string{"yes", "yes", "yes", "no"}).Draw(t, "counts"),
			channel: "source.file.posts",
		}
	}
	return list
}

const windowed = `, "when": true, "window": "10h", "late": "6h"`

// TestTrendCountsLikeANaiveRecount: whatever the events, wherever the hub cuts its batches and whenever it saves and restores the
// state, the last report of every episode is that of a recount of all events, and the state at the end is the same.
func TestTrendCountsLikeANaiveRecount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := drawSaid(rt)
		model := &naive{window: 10 * time.Hour, late: 6 * time.Hour, groups: map[string]*naiveGroup{}, reported: map[string]figures{}}
		for i, s := range list {
			model.add(numbered{s, fmt.Sprintf("e%04d", i)})
		}
		whole := openTrend(t, windowed)
		compare(rt, "in one batch", model.reported, collect(rt, whole, map[string]figures{}, 0, list))

		cut, got := openTrend(t, windowed), map[string]figures{}
		for first := 0; first < len(list); {
			n := rapid.IntRange(1, len(list)-first).Draw(rt, "batch")
			collect(rt, cut, got, first, list[first:first+n])
			first += n
			if rapid.Bool().Draw(rt, "restart") {
				cut = restarted(t, rt, cut)
			}
		}
		compare(rt, "in several, with restarts", model.reported, got)
		if !bytes.Equal(snapshot(rt, whole), snapshot(rt, cut)) {
			rt.Fatal("the states at the end differ")
		}
	})
}

// TestTrendOrderDoesNotMatter: within the allowed lateness the figures at the end do not depend on the order of arrival.
func TestTrendOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := drawSaid(rt)
		for i := range list {
			list[i].at = list[i].at % (9 * time.Hour)
			list[i].group, list[i].counts = "a", "yes"
		}
		last := []said{{at: 9 * time.Hour, who: "zoe", group: "a", counts: "yes"}}
		ids := make([]numbered, len(list))
		for i := range list {
			ids[i] = numbered{list[i], fmt.Sprintf("e%04d", i)}
		}
		var ends []sdk.Event
		for range 2 {
			a := openTrend(t, `, "window": "10h"`)
			for _, s := range ids {
				var number int
				if _, err := fmt.Sscanf(s.id, "e%d", &number); err != nil {
					rt.Fatal(err)
				}
				emitted(rt, a, batchOf(rt, number, []said{s.said}))
			}
			end, _ := emitted(rt, a, batchOf(rt, 9999, last))
			ends = append(ends, end...)
			ids = rapid.Permutation(ids).Draw(rt, "order")
		}
		ends[1].ID, ends[1].Key, ends[1].Insight.Key = ends[0].ID, ends[0].Key, ends[0].Insight.Key // the episode began elsewhere
		if diff := cmp.Diff(ends[0], ends[1]); diff != "" {
			rt.Fatalf("in order and in another:\n%s", diff)
		}
	})
}

// collect analyzes events as one batch and keeps the last report of each episode in got.
func collect(t fataler, a sdk.Analyzer, got map[string]figures, first int, list []said) map[string]figures {
	insights, _ := emitted(t, a, batchOf(t, first, list))
	for _, e := range insights {
		in := e.Insight
		got[e.ID] = figures{in.Stage, in.People, in.Events, in.Communities, in.FirstTime, in.LastTime, in.Evidence}
	}
	return got
}

func compare(t fataler, how string, want, got map[string]figures) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-naive +analyzer):\n%s", how, diff)
	}
}

func snapshot(t fataler, a sdk.Stateful) []byte {
	t.Helper()
	b, err := a.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// restarted returns a new analyzer with the state of a.
func restarted(t testing.TB, rt fataler, a sdk.Stateful) sdk.Stateful {
	fresh := openTrend(t, windowed)
	if err := fresh.Restore(context.Background(), snapshot(rt, a)); err != nil {
		rt.Fatal(err)
	}
	return fresh
}
