package text_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/sdk"
)

// clustered returns what the analyzer says of texts that come a minute apart.
func clustered(t *testing.T, config string, texts ...string) *sdk.Added {
	t.Helper()
	at := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
	var events []sdk.Event
	for i, s := range texts {
		events = append(events, sdk.Event{ID: fmt.Sprint("e", i), Time: at.Add(time.Duration(i) * time.Minute), Feedback: &sdk.Feedback{Text: s}})
	}
	b, err := sdk.BatchOf(events...)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range text.Program().Analyzers {
		if spec.Type != "cluster" {
			continue
		}
		a, err := spec.Open(t.Context(), []byte(config))
		if err != nil {
			t.Fatal(err)
		}
		add := &sdk.Additions{Analyzer: "it"}
		add.Reset(b)
		if err := a.Analyze(context.Background(), b, add); err != nil {
			t.Fatal(err)
		}
		enc, err := add.Encode()
		if err != nil {
			t.Fatal(err)
		}
		added, err := sdk.ParseAdditions(enc, b.Len())
		if err != nil {
			t.Fatal(err)
		}
		return added
	}
	t.Fatal("the program has no analyzer cluster")
	return nil
}

func TestClustersFindWhatNobodyNamed(t *testing.T) {
	added := clustered(t, `{"threshold": 0.2}`,
		"The Fennmoor kettle leaks at the handle after two weeks",
		"Where can I park near the Fennmoor shop on Sunday?",
		"Handle of my kettle leaks, hot water everywhere",
		"The newsletter unsubscribe button does nothing",
		"Second kettle now, and again the handle is leaking",
		"Sunday parking near the shop is impossible",
		"I cannot unsubscribe from your newsletter",
		"...",
	)
	id := func(i int) string { return added.Value(i, "id").Text() }
	for _, same := range [][]int{{0, 2, 4}, {1, 5}, {3, 6}} {
		for _, i := range same[1:] {
			if id(i) == "" || id(i) != id(same[0]) {
				t.Errorf("text %d is in cluster %q, want that of text %d, %q", i, id(i), same[0], id(same[0]))
			}
		}
	}
	if id(0) == id(1) || id(0) == id(3) || id(1) == id(3) {
		t.Errorf("different things share a cluster: %q %q %q", id(0), id(1), id(3))
	}
	if got := added.Value(4, "size").Num; got != 3 {
		t.Errorf("the cluster of text 4 has %v texts, want 3", got)
	}
	if got := added.Value(4, "label").Text(); got == "" {
		t.Error("three texts that share words have no label")
	}
	if id(7) != "" {
		t.Errorf("a text without words is in cluster %q", id(7))
	}
}
