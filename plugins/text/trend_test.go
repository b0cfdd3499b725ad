package text_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// said is one event for the trend analyzer, as short as a test can write it.
type said struct {
	at      time.Duration // since day
	who     string
	group   any // string, []string or nil
	channel string
	place   string // community
	counts  string // value of when: "yes", "no" or ""
}

func day() time.Time { return time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC) }

const hours = time.Hour

// batchOf makes a batch of events from one channel; numbers make their ids.
func batchOf(t fataler, first int, list []said) *sdk.Batch {
	t.Helper()
	r, attrs := recordsOf(t, first, list)
	return sdk.NewBatch(r, nil, nil, attrs)
}

func recordsOf(t fataler, first int, list []said) (*sdk.Records, []*sdk.Values) {
	t.Helper()
	var b sdk.Builder
	group, when := &sdk.Column{Name: sdk.AttrName("group_by", "0")}, &sdk.Column{Name: "when"}
	for i, s := range list {
		fb := &sdk.Feedback{Text: "x", Author: sdk.Author{ID: s.who}}
		if s.place != "" {
			fb.Communities = []sdk.Community{{ID: s.place}}
		}
		if err := b.Add(&sdk.Event{ID: fmt.Sprintf("e%04d", first+i), Time: day().Add(s.at), Feedback: fb}); err != nil {
			t.Fatal(err)
		}
		setGroup(group, i, s.group)
		if s.counts != "" {
			when.Set(i, sdk.BoolValue(s.counts == "yes"))
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 {
		r = r.Stamp(sdk.Head{Source: list[0].channel})
	}
	return r, columns(t, len(list), group, when)
}

// fataler is a testing.TB or a rapid.T.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func setGroup(c *sdk.Column, i int, group any) {
	switch g := group.(type) {
	case string:
		c.Set(i, sdk.StringValue(g))
	case []string:
		c.Set(i, sdk.StringsValue(g))
	}
}

// columns returns those of cs that hold anything, as the hub sends them.
func columns(t fataler, n int, cs ...*sdk.Column) []*sdk.Values {
	t.Helper()
	var all []*sdk.Values
	for _, c := range cs {
		if c.Kind == sdk.Null {
			continue
		}
		v, err := sdk.ColumnValues(c, n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// emitted analyzes a batch and returns the insights, and which events were late.
func emitted(t fataler, a sdk.Analyzer, b *sdk.Batch) (insights []sdk.Event, late []int) {
	t.Helper()
	out := &sdk.Additions{Analyzer: "problems"}
	out.Reset(b)
	if err := a.Analyze(context.Background(), b, out); err != nil {
		t.Fatal(err)
	}
	enc, err := out.Encode()
	if err != nil {
		t.Fatal(err)
	}
	added, err := sdk.ParseAdditions(enc, b.Len())
	if err != nil {
		t.Fatal(err)
	}
	for i := range b.Len() {
		if added.Value(i, "late").Bool {
			late = append(late, i)
		}
	}
	if added.Emitted == nil {
		return nil, late
	}
	in := sdk.NewBatch(added.Emitted, nil, nil, nil)
	for i := range in.Len() {
		insights = append(insights, *in.Event(i))
	}
	return insights, late
}

// openTrend opens a trend analyzer with more attributes.
func openTrend(t testing.TB, more string) sdk.Stateful {
	t.Helper()
	return analyzer(t, "trend", `{"group_by": 1`+more+`}`).(sdk.Stateful)
}

func TestTrendStages(t *testing.T) {
	a := openTrend(t, `, "window": "14d"`)
	steps := []struct {
		name string
		said said
		want string // stage and people of the insight, or nothing
	}{
		{"one person is a problem", said{at: 0, who: "ann", group: "refund"}, "problem 1 1"},
		{"and stays one person", said{at: 1 * hours, who: "ann", group: "refund"}, ""},
		{"of another thing", said{at: 1 * hours, who: "ann", group: "bell"}, "problem 1 1"},
		{"two are a pattern", said{at: 2 * hours, who: "bob", group: "refund"}, "pattern 2 3"},
		{"what belongs to no group does not count", said{at: 2 * hours, who: "eve", group: nil}, ""},
		{"three are a trend", said{at: 3 * hours, who: "cid", group: "refund"}, "trend 3 4"},
		{"and it grows", said{at: 4 * hours, who: "dan", group: "refund"}, "trend 4 5"},
		{"fewer than before is no news", said{at: 14*24*hours + 3*hours, who: "eve", group: "refund"}, ""},
		{"a newcomer at the same stage is", said{at: 14*24*hours + 3*hours, who: "fay", group: "refund"}, "trend 3 3"},
		{"after a silence it begins anew", said{at: 40 * 24 * hours, who: "ann", group: "refund"}, "problem 1 1"},
	}
	ids := map[string]int{}
	for i, s := range steps {
		insights, _ := emitted(t, a, batchOf(t, i, []said{s.said}))
		got := ""
		for _, e := range insights {
			got += fmt.Sprint(e.Insight.Stage, " ", e.Insight.People, " ", e.Insight.Events)
			ids[e.Insight.Title+e.ID]++
			if e.ID != e.Insight.Key || e.ID != e.Key || e.Type != sdk.TypeInsight {
				t.Errorf("%s: id %q, insight key %q, key %q, type %q", s.name, e.ID, e.Insight.Key, e.Key, e.Type)
			}
		}
		if got != s.want {
			t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
	}
	if len(ids) != 3 {
		t.Errorf("got %d different ids, want one for each of the three episodes: %v", len(ids), ids)
	}
}

func TestTrendInsight(t *testing.T) {
	a := openTrend(t, `, "window": "10d", "emit": "trend"`)
	emitted(t, a, batchOf(t, 0, []said{
		{at: 0, who: "ann", group: []string{"refund", "refund"}, channel: "source.rss.blog", place: "forum"},
		{at: 5 * hours, who: "bob", group: []string{"refund"}, channel: "source.rss.blog", place: "forum"}}))
	got, _ := emitted(t, a, batchOf(t, 2, []said{
		{at: 47 * hours, who: "ann", group: "refund", channel: "source.file.posts", place: "club"},
		{at: 48 * hours, who: "cid", group: "refund", channel: "source.file.posts"}}))
	if len(got) != 1 {
		t.Fatalf("got %d insights, want 1", len(got))
	}
	end := day().Add(48 * hours)
	want := &sdk.Insight{
		Key: got[0].ID, Analyzer: "problems", Group: []string{"refund"}, Title: "refund", Topic: "refund", Stage: sdk.StageTrend,
		People: 3, Events: 4, Communities: 2, Evidence: []string{"e0001", "e0002", "e0003"},
		FirstTime: day(), LastTime: end, WindowStart: end.Add(-240 * hours), WindowEnd: end, Rate: 2,
		ByChannel: []sdk.Count{{Name: "source.file.posts", N: 2}, {Name: "source.rss.blog", N: 2}},
	}
	if diff := cmp.Diff(want, got[0].Insight); diff != "" {
		t.Errorf("insight (-want +got):\n%s", diff)
	}
	if !got[0].Time.Equal(end) || got[0].Causation != "e0003" {
		t.Errorf("time %v, causation %q", got[0].Time, got[0].Causation)
	}
}

func TestTrendReportsOncePerBatchAndEpisode(t *testing.T) {
	a := openTrend(t, `, "window": "1d"`)
	got, _ := emitted(t, a, batchOf(t, 0, []said{
		{at: 0, who: "ann", group: "x"}, {at: 1, who: "bob", group: "x"}, {at: 2, who: "cid", group: "x"},
		{at: 100 * hours, who: "ann", group: "x"}, {at: 100 * hours, who: "bob", group: "x"}}))
	var stages []string
	for _, e := range got {
		stages = append(stages, e.Insight.Stage)
	}
	if want := []string{"trend", "pattern"}; !slices.Equal(stages, want) {
		t.Errorf("got %v, want %v: the trend must not be lost although it is over before the batch ends", stages, want)
	}
}

func TestTrendLate(t *testing.T) {
	a := openTrend(t, `, "window": "10d", "late": "2d"`)
	_, late := emitted(t, a, batchOf(t, 0, []said{
		{at: 100 * hours, who: "ann", group: "x"},
		{at: 52 * hours, who: "bob", group: "x"}, // exactly two days: too late
		{at: 53 * hours, who: "cid", group: "x"},
		{at: 1 * hours, who: "dan", group: "y"}, // each group has its own time
	}))
	if want := []int{1}; !slices.Equal(late, want) {
		t.Errorf("late events %v, want %v", late, want)
	}
	got, _ := emitted(t, a, batchOf(t, 4, []said{{at: 101 * hours, who: "eve", group: "x"}}))
	if n := got[0].Insight.People; n != 3 {
		t.Errorf("%d people, want 3: ann, cid, eve", n)
	}
}

func TestTrendWho(t *testing.T) {
	list := []said{{who: "ann", group: "x", counts: "yes"}, {who: "", group: "x"}, {who: "bob", group: "x", counts: "no"}}
	a := openTrend(t, `, "when": true`)
	if got, _ := emitted(t, a, batchOf(t, 0, list)); got[0].Insight.People != 1 {
		t.Errorf("with when: %d people, want ann alone", got[0].Insight.People)
	}
	a = openTrend(t, ``)
	if got, _ := emitted(t, a, batchOf(t, 0, list)); got[0].Insight.People != 3 {
		t.Errorf("without when: %d people, want 3: no author means the event's key", got[0].Insight.People)
	}
	r, attrs := recordsOf(t, 0, list)
	person := &sdk.Column{Name: "person"}
	for i := range list {
		person.Set(i, sdk.StringValue("the same"))
	}
	a = openTrend(t, `, "person": true`)
	got, _ := emitted(t, a, sdk.NewBatch(r, nil, nil, append(attrs, columns(t, len(list), person)...)))
	if got[0].Insight.People != 1 {
		t.Errorf("with person: %d people, want 1", got[0].Insight.People)
	}
}

func TestTrendConfig(t *testing.T) {
	for name, config := range map[string]string{
		"no group":                `{"group_by": 0}`,
		"too many parts":          `{"group_by": 9}`,
		"trend less than pattern": `{"group_by": 1, "pattern": 4, "trend": 3}`,
	} {
		spec := specOf(t, "trend")
		if _, err := spec.Open(context.Background(), []byte(config)); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("%s: got %v, want an invalid configuration", name, err)
		}
	}
}

func TestTrendForgetsTheLongestSilent(t *testing.T) {
	a := openTrend(t, `, "max_groups": 2`)
	list := []said{{who: "ann", group: "a"}, {who: "ann", group: "b"}, {who: "bob", group: "a"}, {who: "ann", group: "c"}}
	emitted(t, a, batchOf(t, 0, list)) // c pushes out b, not a
	got, _ := emitted(t, a, batchOf(t, 9, []said{{who: "cid", group: "a"}}))
	if n := got[0].Insight.People; n != 3 {
		t.Errorf("group a has %d people, want 3: it was not the one silent for longest", n)
	}
	got, _ = emitted(t, a, batchOf(t, 10, []said{{who: "bob", group: "b"}}))
	if n := got[0].Insight.People; n != 1 {
		t.Errorf("group b has %d people, want 1: it was forgotten", n)
	}
}
