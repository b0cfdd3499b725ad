package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

func TestMedian(t *testing.T) {
	for name, c := range map[string]struct {
		list []float64
		want float64
	}{
		"odd":  {[]float64{9, 1, 5}, 5},
		"even": {[]float64{8, 2, 4, 100}, 6},
		"one":  {[]float64{3}, 3},
	} {
		before := slices.Clone(c.list)
		if got := median(c.list); got != c.want {
			t.Errorf("%s: median of %v is %v, want %v", name, c.list, got, c.want)
		}
		if !slices.Equal(before, c.list) {
			t.Errorf("%s: the list was changed to %v", name, c.list)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		list  []int
		share float64
		want  int
	}{{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1}, {[]int{7}, 0.99, 7}, {[]int{1, 2, 3}, 0.5, 2},
		{[]int{1, 2}, 0.99, 2}, {nil, 0.5, 0}} {
		if got := percentile(c.list, c.share); got != c.want {
			t.Errorf("percentile %v of %d values is %d, want %d", c.share, len(c.list), got, c.want)
		}
	}
}

func figures(name string, round int, speed float64) Figures {
	return Figures{Case: name, Round: round, Events: 1000, Values: map[string]float64{perSecond: speed}}
}

// A machine that is twice as fast in one round must not move the ratio: each quotient is of one round.
func TestRatioIsTakenWithinRounds(t *testing.T) {
	r := results{figures("a", 1, 50), figures("b", 1, 100), figures("b", 2, 400), figures("a", 2, 200), figures("a", 3, 90), figures("b", 3, 100)}
	if got := r.ratio("a", "b", perSecond); got != 0.5 {
		t.Errorf("ratio %v, want 0.5", got)
	}
	if got := r.ratio("a", "c", perSecond); !math.IsNaN(got) {
		t.Errorf("ratio to a case that did not run: %v", got)
	}
}

func TestGoals(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"reached":           {Row{Value: 0.5, AtLeast: 0.45}, "ok"},
		"just reached":      {Row{Value: 0.45, AtLeast: 0.45}, "ok"},
		"not reached":       {Row{Value: 0.44, AtLeast: 0.45}, "missed"},
		"below the most":    {Row{Value: 1.5, AtMost: 1.6}, "ok"},
		"above the most":    {Row{Value: 1.7, AtMost: 1.6}, "missed"},
		"none allowed":      {Row{Value: 1, Exact: true}, "missed"},
		"none there":        {Row{Value: 0, Exact: true}, "ok"},
		"no number":         {Row{Value: math.NaN(), AtMost: 1}, "missed"},
		"no number, least":  {Row{Value: math.NaN(), AtLeast: 1}, "missed"},
		"does not apply":    {Row{Value: 1, AtLeast: 2, Unjudged: "too slow a machine"}, "not judged"},
		"could not measure": {Row{Err: "no disk", AtMost: 1}, "failed"},
		"no goal":           {Row{Value: 1}, ""},
	} {
		var r Report
		r.add(c.row)
		if got := r.Rows[0].verdict(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func report() *Report {
	r := &Report{System: "linux", CPU: "some cpu", Goal: wholeWayGoal}
	r.add(Row{Name: wholeWay, Measure: "whole way", Value: 0.512, Unit: ratioUnit, AtLeast: wholeWayGoal})
	r.add(Row{Name: "idle", Measure: "memory", Value: 412.3, Unit: "MB", AtMost: 250})
	r.add(Row{Name: "route", Measure: "condition", Err: "it broke\nin two lines"})
	r.Figures = results{{Case: "whole-way", Round: 1, Events: 1_500_000, Values: map[string]float64{perSecond: 212345.6, cpuPerMillion: 6.5}},
		{Case: "idle", Round: 1, Values: map[string]float64{hubMB: 412.3}}}
	return r
}

func TestTable(t *testing.T) {
	var b strings.Builder
	r := report()
	r.print(&b)
	r.printRatio(&b)
	for _, want := range []string{"whole way  0.51 of the reference  at least 0.45 of the reference  ok", "412 MB", "at most 250 MB", "missed", "failed", "it broke"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "in two lines") {
		t.Error("an error breaks its line of the table")
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if got, want := lines[len(lines)-1], "whole-way ratio 0.51 (goal 0.45)"; got != want {
		t.Errorf("last line %q, want %q", got, want)
	}
	if err := r.failed(); err == nil || !strings.Contains(err.Error(), "it broke") {
		t.Errorf("a measure that failed is no error: %v", err)
	}
}

func TestSavedForBenchstat(t *testing.T) {
	dir := t.TempDir()
	o := options{json: filepath.Join(dir, "r.json"), out: filepath.Join(dir, "r.txt")}
	if err := report().save(o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cpu: some cpu\n", "Unit events/s better=higher\n", " 1500000 6.5 cpu-s/M 212346 events/s\n", "BenchmarkWholeWay-", "BenchmarkIdle-", " 1 412.3 hub-MB\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the figures lack %q:\n%s", want, text)
		}
	}
	var got Report
	raw, err := os.ReadFile(o.json)
	if err == nil {
		err = json.Unmarshal(raw, &got)
	}
	if err != nil || got.Ratio != 0.512 || got.Goal != 0.45 || len(got.Figures) != 2 || got.Rows[1].OK {
		t.Errorf("%v, read back: %+v", err, got)
	}
}

func TestShort(t *testing.T) {
	for v, want := range map[float64]string{212_345: "212,300", 1_000_000: "1,000,000", -123_456: "-123,500", 999: "999", 45.67: "45.7", 0.456: "0.46", 0: "0.00", 10_049: "10,000"} {
		if got := short(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

// What a case runs must be what its name says: the configuration is loaded as the hub would.
func TestConfigurations(t *testing.T) {
	for _, m := range measures() {
		for _, s := range m.cases(options{n: 100_000}) {
			s.Dir = t.TempDir()
			plan, err := s.plan()
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			p := plan.Pipelines[0]
			if s.Kind == kindIdle {
				if len(plan.Pipelines) != s.Pipelines {
					t.Errorf("%s: %d pipelines, want %d", s.Name, len(plan.Pipelines), s.Pipelines)
				}
				continue
			}
			if len(p.Through) != s.Analyzers || len(p.Routes[0].To) != s.Sinks || (p.Routes[0].When != nil) != (s.When != "") {
				t.Errorf("%s: %d analyzers, %d sinks, condition %v", s.Name, len(p.Through), len(p.Routes[0].To), p.Routes[0].When)
			}
		}
	}
}

func TestChoose(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(measures()) {
		t.Errorf("%d measures, %v", len(all), err)
	}
	some, err := choose("latency, whole-way")
	if err != nil || len(some) != 2 || some[0].name != "latency" || some[1].name != wholeWay {
		t.Errorf("%v, %v", some, err)
	}
	if _, err := choose("speed"); err == nil || !strings.Contains(err.Error(), "-list") {
		t.Errorf("an unknown measure: %v", err)
	}
}

// The survey's events must have the size and the share of matches that the measure says.
func TestSurvey(t *testing.T) {
	var b sdk.Builder
	for _, e := range newSurvey(0).batch(0, variety*4) {
		if err := b.Add(&e); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.Size() / b.Len(); got < surveySize*97/100 || got > surveySize*103/100 {
		t.Errorf("an event has %d bytes, want %d", got, surveySize)
	}
	dir := t.TempDir()
	s := setup{Kind: kindHub, Source: "survey", Events: 100, Analyzer: "facts", Analyzers: 1, Sinks: 1, When: condition, Matching: matching, Dir: dir}
	plan, err := s.plan()
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for i := range s.Events {
		v, err := surveyView(i)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Pipelines[0].Routes[0].When.Match(v) {
			met++
		}
	}
	if met != s.delivered() {
		t.Errorf("%d of %d events meet the condition, want %d", met, s.Events, s.delivered())
	}
}
