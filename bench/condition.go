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
	if !when.Match(view) {
		return sdk.Errorf(sdk.Internal, "the event does not meet the condition")
	}
	var chunks []float64
	for range 9 {
		began := cpuSeconds(false) // not the clock: others may want the processor too
		for range evaluations {
			when.Match(view)
		}
		chunks = append(chunks, (cpuSeconds(false)-began)*1e9/evaluations)
	}
	f.Events = evaluations * len(chunks)
	f.Values[evalNS] = median(chunks)
	f.Values[allocs] = testing.AllocsPerRun(1000, func() { when.Match(view) })
	return nil
}

// evaluations is how often the condition is evaluated for one figure.
const evaluations = 500_000

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
