package text

import (
	"strings"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/crowd"
	"github.com/pintle-hub/pintle/sdk"
)

// stages are the names of the stages by number; 0 is none.
func stages() [4]string { return [...]string{"", sdk.StageProblem, sdk.StagePattern, sdk.StageTrend} }

func stageNumber(name string) int {
	for n, s := range stages() {
		if s == name {
			return n
		}
	}
	return 0
}

// stage returns the number of the stage that a group has now.
func (t *trend) stage(g *crowd.Group) int {
	people, events := g.Size()
	switch {
	case people == 0 || events < t.config.MinEvents:
		return 0
	case people >= t.config.Trend:
		return 3
	case people >= t.config.Pattern:
		return 2
	}
	return 1
}

// report is what is to be said of an episode at the end of the batch.
type report struct {
	group   *crowd.Group
	parts   []string // the tenant, then the values of group_by
	start   int64
	stage   int
	cause   string
	figures crowd.Figures
}

// note decides whether a counted event is news: somebody joined or the stage rose, and the stage is not below what was said of
// the episode before. The figures are taken at once: what else is in the batch must not change them, or they would depend on
// where the hub cuts its batches.
func (t *trend) note(g *crowd.Group, change crowd.Change, e *sdk.Event) {
	stage := t.stage(g)
	if stage < t.from || stage < g.Reported || !change.Joined && stage == g.Reported {
		return
	}
	g.Reported = stage
	r := t.reportOf(g)
	r.stage, r.cause = stage, e.ID
	t.people.Figures(g, &r.figures)
}

// reportOf returns the report of the group's episode in this batch.
func (t *trend) reportOf(g *crowd.Group) *report {
	if n := g.Pending - 1; n >= 0 && n < len(t.pending) && t.pending[n].group == g && t.pending[n].start == g.Start {
		return &t.pending[n]
	}
	t.pending = append(t.pending, report{group: g, parts: g.Parts, start: g.Start})
	g.Pending = len(t.pending)
	return &t.pending[len(t.pending)-1]
}

// event makes the insight. Its id depends on the analyzer's name, the group and the episode only.
func (r *report) event(analyzer string) sdk.Event {
	tenant, group := r.parts[0], r.parts[1:]
	start := time.Unix(0, r.start).UTC()
	id := "in_" + sdk.HashID(append([]string{analyzer, start.Format(time.RFC3339Nano)}, r.parts...)...)
	f := &r.figures
	in := &sdk.Insight{
		Key: id, Analyzer: analyzer, Group: group, Title: strings.Join(group, " / "), Topic: group[0],
		Stage: stages()[r.stage], People: int64(f.People), Events: int64(f.Events), Communities: int64(f.Communities),
		Evidence: f.Evidence, FirstTime: unix(f.First), LastTime: unix(f.Last), WindowStart: unix(f.From), WindowEnd: unix(f.Last),
		Rate: rate(f),
	}
	if len(group) > 1 {
		in.Product = group[1]
	}
	for _, c := range f.Channels {
		in.ByChannel = append(in.ByChannel, sdk.Count{Name: c.Name, N: int64(c.N)})
	}
	return sdk.Event{ID: id, Key: id, Type: sdk.TypeInsight, Time: unix(f.Last), Causation: r.cause, Tenant: tenant, Insight: in}
}

func unix(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// rate is events per day since the first in the window; less than a day counts as one.
func rate(f *crowd.Figures) float64 {
	days := max(unix(f.Last).Sub(unix(f.First)).Hours()/24, 1)
	return round3(float64(f.Events) / days)
}
