package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/sdk"
)

// open opens an analyzer of the program with a JSON configuration, as the hub does.
func open(typ, config string) (sdk.Analyzer, error) {
	for _, spec := range text.Program().Analyzers {
		if spec.Type == typ {
			return spec.Open(context.Background(), []byte(config))
		}
	}
	return nil, fmt.Errorf("the program has no analyzer %q", typ)
}

// batches makes feedback events of texts, at most 512 in a batch.
func batches(texts []labelled.Text) ([]*sdk.Batch, error) {
	var list []*sdk.Batch
	for at := 0; at < len(texts); at += 512 {
		part := texts[at:min(at+512, len(texts))]
		events := make([]sdk.Event, len(part))
		for i, t := range part {
			when := t.At
			if when.IsZero() {
				when = time.Unix(1, 0)
			}
			events[i] = sdk.Event{ID: fmt.Sprint("e", at+i), Time: when, Feedback: &sdk.Feedback{Text: t.Text, Author: sdk.Author{ID: t.Author}}}
		}
		b, err := sdk.BatchOf(events...)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// apply runs an analyzer over texts and returns the named fields of each text.
func apply(typ, config string, texts []labelled.Text, fields ...string) ([][]sdk.Value, error) {
	a, err := open(typ, config)
	if err != nil {
		return nil, err
	}
	in, err := batches(texts)
	if err != nil {
		return nil, err
	}
	out := make([][]sdk.Value, 0, len(texts))
	add := &sdk.Additions{Analyzer: "it"}
	for _, b := range in {
		add.Reset(b)
		if err := a.Analyze(context.Background(), b, add); err != nil {
			return nil, err
		}
		enc, err := add.Encode()
		if err != nil {
			return nil, err
		}
		added, err := sdk.ParseAdditions(enc, b.Len())
		if err != nil {
			return nil, err
		}
		for i := range b.Len() {
			values := make([]sdk.Value, len(fields))
			for f, name := range fields {
				values[f] = added.Value(i, name)
			}
			out = append(out, values)
		}
	}
	return out, nil
}

// speed returns the posts a second that an analyzer reads on one core, for a second or so.
func speed(typ, config string, texts []labelled.Text) (float64, error) {
	a, err := open(typ, config)
	if err != nil {
		return 0, err
	}
	in, err := batches(texts[:min(len(texts), 4096)])
	if err != nil {
		return 0, err
	}
	add := &sdk.Additions{Analyzer: "it"}
	best, n := 0.0, 0
	for began := time.Now(); time.Since(began) < time.Second || n < 3; n++ { // the best round: others may be busy here
		start, posts := time.Now(), 0
		for _, b := range in {
			add.Reset(b)
			if err := a.Analyze(context.Background(), b, add); err != nil {
				return 0, err
			}
			posts += b.Len()
		}
		best = max(best, float64(posts)/time.Since(start).Seconds())
	}
	return best, nil
}

// reportSpeed reports the speed of an analyzer beside its goal.
func (e *evaluation) reportSpeed(typ, config string, texts []labelled.Text, goal float64) error {
	v, err := speed(typ, config, texts)
	if err == nil {
		e.report(Figure{Measure: "posts a second, one core", Value: v, Goal: goal})
	}
	return err
}
