package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
)

// section measures one analyzer.
type section struct {
	analyzer string
	measure  func(*evaluation) error
}

// Figure is one measured number beside its goal.
type Figure struct {
	Analyzer string `json:"analyzer"`
	// Measure says what was measured on which texts.
	Measure string  `json:"measure"`
	Value   float64 `json:"value"`
	// Goal is what it should reach; 0: reported without a goal. With AtMost it must not exceed it.
	Goal   float64 `json:"goal,omitempty"`
	AtMost bool    `json:"at_most,omitempty"`
	// Baselines are what others reach on the same texts.
	Baselines []Baseline `json:"baselines,omitempty"`
	// Detail is what a reader may want to know besides.
	Detail string `json:"detail,omitempty"`
}

// Baseline is the same measure of another method.
type Baseline struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// verdict is ok, below, above or - where there is no goal.
func (f *Figure) verdict() string {
	switch {
	case f.Goal == 0:
		return "-"
	case f.AtMost && f.Value > f.Goal:
		return "above"
	case !f.AtMost && f.Value < f.Goal:
		return "below"
	}
	return "ok"
}

func (f *Figure) goal() string {
	switch {
	case f.Goal == 0:
		return "-"
	case f.AtMost:
		return "<= " + number(f.Goal)
	}
	return ">= " + number(f.Goal)
}

// number writes shares with three decimals and counts, such as posts a second, without any.
func number(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func (f *Figure) others() string {
	var list []string
	for _, b := range f.Baselines {
		list = append(list, b.Name+" "+number(b.Value))
	}
	return strings.Join(list, ", ")
}

// evaluation collects figures and prints each as soon as it is known.
type evaluation struct {
	data     labelled.Dir
	out      io.Writer
	analyzer string
	figures  []Figure
}

func (e *evaluation) report(f Figure) {
	f.Analyzer = e.analyzer
	e.figures = append(e.figures, f)
	fmt.Fprintf(e.out, "%-10s %-62s %9s  %-10s %-6s %s\n", f.Analyzer, f.Measure, number(f.Value), f.goal(), f.verdict(), f.others())
}

// close prints how many figures reached their goals and returns the exit code.
func (e *evaluation) close() int {
	ok, judged := 0, 0
	for i := range e.figures {
		switch e.figures[i].verdict() {
		case "ok":
			ok++
			judged++
		case "below", "above":
			judged++
		}
	}
	fmt.Fprintf(e.out, "%d of %d goals reached\n", ok, judged)
	if ok < judged {
		return 1
	}
	return 0
}

// keep writes the files that were asked for.
func (e *evaluation) keep(o options) error {
	if o.json != "" {
		b, err := json.MarshalIndent(e.figures, "", "  ")
		if err == nil {
			err = os.WriteFile(o.json, append(b, '\n'), 0o644)
		}
		if err != nil {
			return err
		}
	}
	if o.page == "" {
		return nil
	}
	return os.WriteFile(o.page, []byte(e.page()), 0o644)
}

func (e *evaluation) page() string {
	var b strings.Builder
	b.WriteString(preface)
	last := ""
	for i := range e.figures {
		f := &e.figures[i]
		if f.Analyzer != last {
			last = f.Analyzer
			fmt.Fprintf(&b, "\n## %s\n\n| measure | value | goal | | others on the same texts |\n|---|---|---|---|---|\n", last)
		}
		measure := f.Measure
		if f.Detail != "" {
			measure += " (" + f.Detail + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", measure, number(f.Value), f.goal(), f.verdict(), f.others())
	}
	return b.String()
}

const preface = `# How well the text analyzers understand

Written by ` + "`make eval DATA=folder`" + ` from labelled data that are not part of the project; do not edit. Every analyzer is
opened as the hub opens it. Where a measure needs a model of its own, it is trained on the part of the set that is meant for
it, and thresholds come from validation data. Speeds are posts a second on one core, measured on a machine that was not idle.
`
