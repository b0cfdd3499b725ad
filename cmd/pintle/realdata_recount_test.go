package main_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// compareRows checks that each event of the file is one row, word for word. Of the 61 ids that are in the file twice the later
// line wins, as it does in a database that is written to by id.
func compareRows(t *testing.T, list []complaint, got tables) {
	t.Helper()
	want := map[string]complaint{}
	for _, c := range list {
		want[c.event] = c
	}
	if len(got.Feedback) != len(want) {
		t.Errorf("%d rows, want %d: one for each id of the file", len(got.Feedback), len(want))
	}
	wrong := 0
	for id, c := range want {
		r := got.Feedback[id]
		ok := r.Native == c.ID && r.SaidAt == c.at.UTC().Format(time.RFC3339Nano) && r.Author == c.Author && r.Text == c.Text &&
			r.Airline == c.Airline && r.Reason == text(c.Reason)
		if !ok {
			if wrong++; wrong <= 3 {
				t.Errorf("row %s is %+v, want %+v", id, r, c)
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%d rows are wrong", wrong)
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// compareInsights recounts who said the same: by the label that is stored with each event, by the airline and by the place of
// the file; and, from the file alone, by the reason that people noted down.
func compareInsights(t *testing.T, list []complaint, got tables) {
	t.Helper()
	label := func(c complaint) string { return got.Feedback[c.event].Topic }
	count := map[string]recount{
		"topics":  {window: 72 * time.Hour, group: func(c complaint) []string { return []string{label(c), c.Airline} }},
		"reasons": {window: 72 * time.Hour, group: func(c complaint) []string { return []string{text(c.Reason)} }},
		"places":  {window: 36 * time.Hour, group: func(c complaint) []string { return []string{label(c), text(c.Place)} }},
	}
	for name, r := range count {
		var found []finding
		for _, f := range got.Insights {
			if f.Analyzer == name {
				found = append(found, f)
			}
		}
		want := r.findings(name, list)
		slices.SortFunc(found, byGroupAndTime)
		slices.SortFunc(want, byGroupAndTime)
		if diff := gocmp.Diff(want, found); diff != "" {
			t.Errorf("%s: insights are not those of a recount (-recount +stored):\n%.3000s", name, diff)
		}
		stages, groups := map[string]int{}, map[string]bool{}
		for _, f := range want {
			stages[f.Stage]++
			groups[f.Members] = true
		}
		t.Logf("%s: %d episodes in %d groups, as recounted: %v", name, len(want), len(groups), stages)
	}
}

func byGroupAndTime(a, b finding) int {
	return cmp.Or(cmp.Compare(a.Members, b.Members), cmp.Compare(a.Last, b.Last), cmp.Compare(a.First, b.First))
}

// recount finds out, as the manual of the trend analyzer defines it and without thought of speed, what the last word on each
// episode must be: 2 different people are a pattern, 3 a trend.
type recount struct {
	window time.Duration
	group  func(complaint) []string
}

// findings recounts a list that is sorted by time.
func (r recount) findings(analyzer string, list []complaint) (all []finding) {
	groups := map[string][]complaint{}
	for _, c := range list {
		parts := r.group(c)
		if slices.Contains(parts, "") {
			continue
		}
		name := strings.Join(parts, " / ")
		groups[name] = append(groups[name], c)
	}
	for name, said := range groups {
		for _, f := range r.episodes(said) {
			f.Analyzer, f.Members = analyzer, name
			all = append(all, f)
		}
	}
	return all
}

// episodes returns the last word on each episode of one group.
func (r recount) episodes(said []complaint) (all []finding) {
	stages := []string{"", sdk.StageProblem, sdk.StagePattern, sdk.StageTrend}
	reported := 0
	for i, c := range said {
		before := r.inWindow(said[:i], c.at)
		if len(before) == 0 {
			reported = 0
			all = append(all, finding{})
		}
		joined := !slices.ContainsFunc(before, func(o complaint) bool { return o.Author == c.Author })
		now := append(slices.Clone(before), c)
		people := map[string]bool{}
		for _, o := range now {
			people[o.Author] = true
		}
		stage := min(len(people), 3)
		if stage < reported || stage == reported && !joined {
			continue
		}
		reported = stage
		all[len(all)-1] = finding{Stage: stages[stage], People: int64(len(people)), Events: int64(len(now)),
			First: now[0].at.UTC().Format(time.RFC3339Nano), Last: c.at.UTC().Format(time.RFC3339Nano)}
	}
	return all
}

// inWindow returns who spoke later than the window before now.
func (r recount) inWindow(said []complaint, now time.Time) []complaint {
	i := slices.IndexFunc(said, func(c complaint) bool { return c.at.After(now.Add(-r.window)) })
	if i < 0 {
		return nil
	}
	return said[i:]
}
