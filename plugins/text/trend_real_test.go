package text_test

import (
	"fmt"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// TestTrendOnRealComplaints groups real complaints by the reason that people gave them, and compares with a plain count of
// authors. It needs data that are not part of the project; without them it says so.
func TestTrendOnRealComplaints(t *testing.T) {
	dir := dataDir()
	if dir == "" {
		t.Log("the labelled data are not here: nothing was compared")
		return
	}
	list := complaints(t, dir)
	authors, rows := map[string]map[string]bool{}, map[string]int64{}
	for _, c := range list {
		if c.Reason == "" {
			continue
		}
		if authors[c.Reason] == nil {
			authors[c.Reason] = map[string]bool{}
		}
		authors[c.Reason][c.Author] = true
		rows[c.Reason]++
	}
	a := openTrend(t, `, "window": "10d"`)
	last := map[string]*sdk.Insight{}
	for first := 0; first < len(list); first += 500 {
		insights, late := emitted(t, a, complaintBatch(t, list[first:min(first+500, len(list))]))
		if len(late) > 0 {
			t.Errorf("%d events were late", len(late))
		}
		for _, e := range insights {
			last[e.Insight.Title] = e.Insight
		}
	}
	if len(last) != len(authors) || len(authors) < 9 {
		t.Errorf("%d groups, want %d", len(last), len(authors))
	}
	for reason, who := range authors {
		in := last[reason]
		if in == nil || in.People != int64(len(who)) || in.Stage != sdk.StageTrend || in.Events > rows[reason] {
			t.Errorf("%s: got %+v, want %d people, a trend, at most %d events", reason, in, len(who), rows[reason])
			continue
		}
		t.Logf("%-28s %4d people, %4d complaints", reason, in.People, rows[reason])
	}
}

// complaintBatch makes a batch grouped by reason.
func complaintBatch(t testing.TB, list []complaint) *sdk.Batch {
	t.Helper()
	var b sdk.Builder
	group := &sdk.Column{Name: sdk.AttrName("group_by", "0")}
	for i, c := range list {
		e := sdk.Event{ID: fmt.Sprint("t", c.ID), Time: c.at, Feedback: &sdk.Feedback{Text: c.Text, Author: sdk.Author{ID: c.Author}}}
		if err := b.Add(&e); err != nil {
			t.Fatal(err)
		}
		if c.Reason != "" {
			group.Set(i, sdk.StringValue(c.Reason))
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.NewBatch(r, nil, nil, columns(t, len(list), group))
}
