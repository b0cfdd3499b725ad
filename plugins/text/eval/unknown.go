package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
)

// measureUnknown measures how well clusters find trends and patterns among topics that nobody named: each stream has 15 issues of
// 6 people each, 15 of 2 and 47 of 1, and 200 posts about other things. The threshold is chosen on streams made of the part that
// may be learned from.
func measureUnknown(e *evaluation) error {
	learn, err := e.streams("train")
	if err != nil {
		return err
	}
	score, err := e.streams("test")
	if err != nil {
		return err
	}
	chosen, best := "", -1.0
	for _, threshold := range []string{"0.08", "0.15", "0.20", "0.25", "0.30", "0.35", "0.40"} {
		f, err := foundIn(learn, threshold)
		if err != nil {
			return err
		}
		if f1 := f.trends.f1(); f1 > best {
			chosen, best = threshold, f1
		}
	}
	f, err := foundIn(score, chosen)
	if err != nil {
		return err
	}
	detail := "threshold " + chosen + ", chosen on other texts; 20 streams"
	e.report(Figure{Measure: "unknown topics, trend recall", Value: f.trends.recall(), Goal: .55, Baselines: []Baseline{{"leader on words", .477}}, Detail: detail})
	e.report(Figure{Measure: "unknown topics, trend precision", Value: f.trends.precision(), Goal: .55, Baselines: []Baseline{{"leader on words", .340}}, Detail: detail})
	e.report(Figure{Measure: "unknown topics, pattern recall", Value: f.patterns.recall(), Baselines: []Baseline{{"leader on words", .097}}, Detail: detail})
	e.report(Figure{Measure: "unknown topics, pattern precision", Value: f.patterns.precision(), Baselines: []Baseline{{"leader on words", .162}}, Detail: detail})
	f, err = foundIn(score, "0")
	if err != nil {
		return err
	}
	e.report(Figure{Measure: "unknown topics, trend recall with the threshold as shipped", Value: f.trends.recall()})
	e.report(Figure{Measure: "unknown topics, trend precision with the threshold as shipped", Value: f.trends.precision()})
	return nil
}

// streams makes 20 streams of a part of the questions to a bank. Label is the issue, "" for other things; Labels[0] says whether
// it is a trend, a pattern or neither.
func (e *evaluation) streams(part string) ([][]labelled.Text, error) {
	asked, err := e.data.Banking77(part)
	if err != nil {
		return nil, err
	}
	other, err := e.data.Intents("hwu64", part)
	if err != nil {
		return nil, err
	}
	byIssue := map[string][]labelled.Text{}
	var issues []string
	for _, t := range asked {
		if byIssue[t.Label] == nil {
			issues = append(issues, t.Label)
		}
		byIssue[t.Label] = append(byIssue[t.Label], t)
	}
	slices.Sort(issues)
	var list [][]labelled.Text
	for seed := range uint64(20) {
		list = append(list, stream(rand.New(rand.NewPCG(seed, 77)), issues, byIssue, other))
	}
	return list, nil
}

func stream(r *rand.Rand, issues []string, byIssue map[string][]labelled.Text, other []labelled.Text) []labelled.Text {
	var list []labelled.Text
	for n, i := range r.Perm(len(issues)) {
		people, kind := 1, "problem"
		switch {
		case n < 15:
			people, kind = 6, "trend"
		case n < 30:
			people, kind = 2, "pattern"
		}
		texts := byIssue[issues[i]]
		for _, at := range r.Perm(len(texts))[:people] {
			list = append(list, labelled.Text{Text: texts[at].Text, Label: issues[i], Labels: []string{kind}})
		}
	}
	for _, at := range r.Perm(len(other))[:200] {
		list = append(list, labelled.Text{Text: other[at].Text, Labels: []string{"other"}})
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// found is what was found of trends and patterns.
type found struct{ trends, patterns counts }

// counts is how many there were, how many of them were found, and how many of those said were right.
type counts struct{ there, found, said, right float64 }

func (c counts) recall() float64    { return c.found / max(c.there, 1) }
func (c counts) precision() float64 { return c.right / max(c.said, 1) }
func (c counts) f1() float64 {
	p, r := c.precision(), c.recall()
	return 2 * p * r / max(p+r, 1e-9)
}

// foundIn runs the analyzer over streams; threshold 0 is the one that is shipped.
func foundIn(streams [][]labelled.Text, threshold string) (found, error) {
	var f found
	config := "{}"
	if threshold != "0" {
		config = fmt.Sprintf(`{"threshold": %s}`, threshold)
	}
	for _, texts := range streams {
		said, err := apply("cluster", config, texts, "id")
		if err != nil {
			return f, err
		}
		clusters := map[string][]labelled.Text{}
		for i := range texts {
			id := said[i][0].Text()
			clusters[id] = append(clusters[id], texts[i])
		}
		f.judge(clusters)
	}
	return f, nil
}

// judge counts a stream. A trend is found where a cluster has 3 posts or more of which 60 % are of one issue with so many; a
// pattern where a cluster is two posts of one issue.
func (f *found) judge(clusters map[string][]labelled.Text) {
	f.trends.there += 15
	f.patterns.there += 15
	trends, patterns := map[string]bool{}, map[string]bool{}
	for id, texts := range clusters { // only counted: the order does not matter
		if id == "" || len(texts) < 2 {
			continue
		}
		issue, kind, n := most(texts)
		if len(texts) == 2 {
			f.patterns.said++
			if n == 2 && issue != "" {
				f.patterns.right++
				patterns[issue] = kind == "pattern"
			}
			continue
		}
		f.trends.said++
		if issue != "" && kind == "trend" && float64(n) >= .6*float64(len(texts)) {
			f.trends.right++
			trends[issue] = true
		}
	}
	f.trends.found += float64(len(trends))
	for _, real := range patterns {
		if real {
			f.patterns.found++
		}
	}
}

// most returns the issue that most of the texts are about, and how many are.
func most(texts []labelled.Text) (issue, kind string, n int) {
	count := map[string]int{}
	for _, t := range texts {
		count[t.Label]++
		if count[t.Label] > n && t.Label != "" {
			issue, kind, n = t.Label, t.Labels[0], count[t.Label]
		}
	}
	return issue, kind, n
}
