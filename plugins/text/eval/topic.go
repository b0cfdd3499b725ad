package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

// measureTopic trains a topic model on the part of each set that is meant for it, as pintle model train does, and measures the
// analyzer with it.
func measureTopic(e *evaluation) error {
	dir, err := os.MkdirTemp("", "pintle-eval")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	banking := func(part string) ([]labelled.Text, error) { return e.data.Banking77(part) }
	for n, set := range []struct {
		name        string
		train, test func() ([]labelled.Text, error)
		goal        float64
		published   []Baseline
	}{
		{"banking77, accuracy", func() ([]labelled.Text, error) { return banking("train") }, func() ([]labelled.Text, error) { return banking("test") }, .915, nil},
		{"hwu64, accuracy", e.intents("hwu64", "train"), e.intents("hwu64", "test"), .88, nil},
		{"banking77 with 10 texts a label, accuracy", e.intents("fewshot", "BANKING77", "train_10"), e.intents("fewshot", "BANKING77", "test"), .76, []Baseline{{"USE (published)", .842}}},
		{"banking77 with 5 texts a label, accuracy", e.intents("fewshot", "BANKING77", "train_5"), e.intents("fewshot", "BANKING77", "test"), 0, []Baseline{{"USE (published)", .763}}},
		{"hwu64 with 10 texts a label, accuracy", e.intents("fewshot", "HWU64", "train_10"), e.intents("fewshot", "HWU64", "test"), 0, []Baseline{{"USE (published)", .838}}},
	} {
		train, err := set.train()
		if err != nil {
			return err
		}
		test, err := set.test()
		if err != nil {
			return err
		}
		path := filepath.Join(dir, fmt.Sprint(n, ".model"))
		if err := trainTopic(path, train); err != nil {
			return err
		}
		config := fmt.Sprintf(`{"model": %q, "reject": 0}`, path)
		m, err := accuracyOf(config, test)
		if err != nil {
			return err
		}
		e.report(Figure{Measure: set.name, Value: m.Accuracy(), Goal: set.goal, Baselines: append(set.published, Baseline{"majority", m.Majority()}),
			Detail: fmt.Sprintf("macro F1 %.3f", m.MacroF1())})
		if n == 0 {
			if err := e.reportSpeed("topic", config, test, 50_000); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluation) intents(parts ...string) func() ([]labelled.Text, error) {
	return func() ([]labelled.Text, error) { return e.data.Intents(parts...) }
}

func trainTopic(path string, texts []labelled.Text) error {
	examples := make([]linear.Example, len(texts))
	for i, t := range texts {
		examples[i] = linear.Example{Text: t.Text, Label: t.Label}
	}
	m, _, err := linear.Train(context.Background(), examples, linear.Options{Task: "topic", Folds: 3})
	if err != nil {
		return err
	}
	b, err := m.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

func accuracyOf(config string, test []labelled.Text) (*score.Matrix, error) {
	said, err := apply("topic", config, test, "label")
	if err != nil {
		return nil, err
	}
	var m score.Matrix
	for i := range test {
		m.Add(test[i].Label, said[i][0].Text())
	}
	return &m, nil
}
