package text

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/crowd"
	"github.com/pintle-hub/pintle/sdk"
)

// trendConfig is analyzer "trend" "name" {}.
type trendConfig struct {
	GroupBy   sdk.PerEventList `pintle:"group_by,required" doc:"What makes events the same problem. An event where one of these is null is not counted; with a list it counts for each element. The first is the insight's topic, the second its product."`
	When      sdk.PerEvent     `pintle:"when" doc:"Which events count. Default: all."`
	Person    sdk.PerEvent     `pintle:"person" doc:"Who it is. Default: event.author.id, or the event's key where there is no author."`
	Window    time.Duration    `pintle:"window" default:"14d" min:"1s" doc:"How long, in the time of the events, one counts."`
	Late      time.Duration    `pintle:"late" doc:"How much older than the newest event of its group one may be and still count. Default: window."`
	Pattern   int              `pintle:"pattern" default:"2" min:"1" doc:"From so many different people it is a pattern."`
	Trend     int              `pintle:"trend" default:"3" min:"1" doc:"From so many it is a trend."`
	MinEvents int              `pintle:"min_events" default:"1" min:"1" doc:"Nothing is reported of a group with fewer events."`
	Emit      string           `pintle:"emit" enum:"problem,pattern,trend" default:"problem" doc:"The lowest stage that is reported."`
	MaxGroups int              `pintle:"max_groups" default:"100000" min:"1" max:"1000000" doc:"Beyond it the groups without news for longest are forgotten."`
	Memory    sdk.Size         `pintle:"memory" default:"128MiB" min:"1MiB" max:"200MiB" doc:"The same, by how much is remembered."`
}

func trendSpec() sdk.AnalyzerSpec {
	spec := sdk.NewAnalyzer("trend", "Counts how many different people say the same.", []sdk.Field{
		{Name: "late", Kind: sdk.Bool, Doc: "True for an event that came too late to be counted; else not set."},
		{Name: "future", Kind: sdk.Bool, Doc: "True for an event dated after the hub had recorded it, which counts as said when it was recorded; else not set."},
	}, openTrend)
	spec.Emits, spec.Stateful = true, true
	return spec
}

// trend is the analyzer. All it remembers is in people.
type trend struct {
	config  trendConfig
	from    int // lowest stage to report
	people  *crowd.Crowd
	groups  groups
	pending []report
}

func openTrend(_ context.Context, c trendConfig) (sdk.Analyzer, error) {
	if n := len(c.GroupBy.Items()); n == 0 || n > maxParts {
		return nil, sdk.Errorf(sdk.Invalid, "group_by has %d expressions; it needs 1 to %d, as in group_by = [event.topic.label]", n, maxParts)
	}
	if c.Trend < c.Pattern {
		return nil, sdk.Errorf(sdk.Invalid, "trend = %d is less than pattern = %d: a trend needs as many people as a pattern or more", c.Trend, c.Pattern)
	}
	if c.Late == 0 {
		c.Late = c.Window
	}
	t := &trend{config: c, from: stageNumber(c.Emit)}
	t.people = crowd.New(crowd.Options{Window: c.Window, Late: c.Late, MaxGroups: c.MaxGroups, MaxBytes: int64(c.Memory)})
	return t, nil
}

// Analyze counts all events of the batch, then reports the newest state of each episode that has news. It cannot fail halfway: a
// batch is counted whole or not at all, so that the hub may give it again.
func (t *trend) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	clear(t.pending) // so that no group is held that was forgotten
	t.pending = t.pending[:0]
	for i := range in.Len() {
		if t.config.When.IsSet() && !in.Attr(i, t.config.When).Bool {
			continue
		}
		t.groups.read(in, i, t.config.GroupBy.Items())
		if t.groups.n == 0 {
			continue
		}
		t.count(in, i, out)
	}
	for i := range t.pending {
		out.Emit(t.pending[i].event(out.Analyzer))
	}
	return nil
}

// count adds event i to its groups.
func (t *trend) count(in *sdk.Batch, i int, out *sdk.Additions) {
	e := in.Event(i)
	if e.Time.IsZero() {
		return
	}
	at, future := saidAt(in, e)
	if future {
		out.SetBool(i, "future", true)
	}
	s := crowd.Sighting{At: at.UnixNano(), Person: t.person(in, i, e), ID: e.ID, Channel: e.Source, Communities: communities(e)}
	late := false
	for n := range t.groups.n {
		g, change := t.people.Add(t.groups.name(e.Tenant, n), &s)
		late = late || change.Late
		if !change.Late {
			t.note(g, change, e)
		}
	}
	if late {
		out.SetBool(i, "late", true)
	}
}

// saidAt returns the time that an event counts at. Nobody can have said it after the hub had recorded it: a time beyond that is
// a wrong one, and would put an end to its group's window for everybody else. The time of recording is in the log, so that the
// answer is the same whenever the batch is counted.
func saidAt(in *sdk.Batch, e *sdk.Event) (at time.Time, future bool) {
	recorded := in.Recorded()
	if recorded.IsZero() || !e.Time.After(recorded) {
		return e.Time, false
	}
	return recorded, true
}

// person returns a number for who it was.
func (t *trend) person(in *sdk.Batch, i int, e *sdk.Event) uint64 {
	if v := in.Attr(i, t.config.Person); !v.IsNull() {
		return crowd.Hash(v.Text())
	}
	if e.Feedback != nil && e.Feedback.Author.ID != "" {
		return crowd.Hash(e.Feedback.Author.ID)
	}
	return crowd.Hash(e.Key)
}

func communities(e *sdk.Event) []string {
	if e.Feedback == nil || len(e.Feedback.Communities) == 0 {
		return nil
	}
	ids := make([]string, 0, len(e.Feedback.Communities))
	for _, c := range e.Feedback.Communities {
		ids = append(ids, c.ID)
	}
	return ids
}

// Snapshot implements sdk.Stateful.
func (t *trend) Snapshot(context.Context) ([]byte, error) { return t.people.Snapshot(), nil }

// Restore implements sdk.Stateful.
func (t *trend) Restore(_ context.Context, snapshot []byte) error {
	if err := t.people.Restore(snapshot); err != nil {
		return sdk.Errorf(sdk.Invalid, "restore what the trend analyzer remembers: %w", err)
	}
	return nil
}
