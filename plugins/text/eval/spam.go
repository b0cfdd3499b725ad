package main

import (
	"context"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/plugins/text/internal/score"
	"github.com/pintle-hub/pintle/plugins/text/internal/spam"
)

// measureSpam trains on one part of a channel and measures on another: ten folds of text messages, and comments under a video
// that was not learned from.
func measureSpam(e *evaluation) error {
	sms, err := e.data.SMS()
	if err != nil {
		return err
	}
	for i := range sms {
		h := fnv.New32a()
		_, _ = h.Write([]byte(sms[i].Text)) // copies of a message stay together
		sms[i].Group = string(rune('0' + h.Sum32()>>8%10))
	}
	m, err := inTurn(sms)
	if err != nil {
		return err
	}
	e.report(Figure{Measure: "text messages, ten folds, F1 of spam", Value: m.F1("spam"), Goal: .96, Baselines: []Baseline{{"majority (accuracy)", m.Majority()}, {"ours (accuracy)", m.Accuracy()}}})
	videos, err := e.data.YouTube()
	if err != nil {
		return err
	}
	if m, err = inTurn(videos); err != nil {
		return err
	}
	e.report(Figure{Measure: "comments under a video not learned from, F1 of spam", Value: m.F1("spam"), Goal: .93, Baselines: []Baseline{{"majority (accuracy)", m.Majority()}, {"ours (accuracy)", m.Accuracy()}}})
	return e.reportSpeed("spam", `{"channel": "sms"}`, sms, 300_000)
}

// inTurn trains on all groups but one, and answers for that, in turn. The weight of the letters is chosen anew each time, by what is
// held out of the texts that are learned from.
func inTurn(texts []labelled.Text) (*score.Matrix, error) {
	var m score.Matrix
	groups := make(map[string]bool)
	for _, t := range texts {
		groups[t.Group] = true
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		var examples []linear.Example
		for _, t := range texts {
			if t.Group != group {
				examples = append(examples, linear.Example{Text: spam.Plain(t.Text), Label: t.Label, Group: t.Group})
			}
		}
		model, err := bestWeight(examples)
		if err != nil {
			return nil, err
		}
		s := model.Scorer()
		for _, t := range texts {
			if t.Group == group {
				m.Add(t.Label, model.Labels[s.Score(spam.Plain(t.Text)).Best])
			}
		}
	}
	return &m, nil
}

func bestWeight(examples []linear.Example) (*linear.Model, error) {
	var best *linear.Model
	for _, weight := range []float64{0.25, 0.5, 1} {
		o := spam.Options()
		o.CharWeight = weight
		m, _, err := linear.Train(context.Background(), examples, o)
		if err != nil {
			return nil, err
		}
		if best == nil || m.Learned.MacroF1 > best.Learned.MacroF1 {
			best = m
		}
	}
	return best, nil
}
