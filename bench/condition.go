package main

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// routeAlone measures the route's condition as the hub compiles it, on an event that meets all of its parts.
func routeAlone(s *setup, f *Figures) error {
	s.Events = 16
	plan, err := s.plan()
	if err != nil {
		return err
	}
	view, err := surveyView(0)
	if err != nil {
		return err
	}
	when := plan.Pipelines[0].Routes[0].When
	failed := false
	b := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			failed = failed || !when.Match(view)
		}
	})
	if failed {
		return sdk.Errorf(sdk.Internal, "the event does not meet the condition")
	}
	f.Events = b.N
	f.Values[evalNS] = float64(b.T.Nanoseconds()) / float64(b.N)
	f.Values[allocs] = float64(b.AllocsPerOp())
	return nil
}

// surveyView shows event i of source "survey" with the annotations of analyzer "facts", as one of a batch.
func surveyView(i int) (*sdk.View, error) {
	var builder sdk.Builder
	for _, e := range newSurvey(0).batch(0, i+1) {
		if err := builder.Add(&e); err != nil {
			return nil, err
		}
	}
	records, err := builder.Records(nil)
	if err != nil {
		return nil, err
	}
	batch := sdk.NewBatch(records, nil, nil, nil)
	additions := &sdk.Additions{Analyzer: "a1"}
	additions.Reset(batch)
	if err := (facts{}).Analyze(context.Background(), batch, additions); err != nil {
		return nil, err
	}
	raw, err := additions.Encode()
	if err != nil {
		return nil, err
	}
	added, err := sdk.ParseAdditions(raw, records.Len())
	if err != nil {
		return nil, err
	}
	v := &sdk.View{}
	v.Reset(records, i, []*sdk.Added{added})
	return v, nil
}

// pretty is a JSON value for event.data.
func pretty(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("bench: " + err.Error()) // plain structs always marshal
	}
	return b
}
