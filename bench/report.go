package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Row is one line of the table: a figure beside its goal.
type Row struct {
	Name    string `json:"name"`
	Measure string `json:"measure"`
	// Value is the figure in Unit. Goal is what it should reach, or must not exceed; 0 with neither set: no goal.
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	AtLeast float64 `json:"at_least,omitempty"`
	AtMost  float64 `json:"at_most,omitempty"`
	// Exact also judges a goal of 0.
	Exact bool `json:"exact,omitempty"`
	// Unjudged says why the goal does not apply to this run.
	Unjudged string `json:"unjudged,omitempty"`
	// Detail is what a reader may want to know besides.
	Detail string `json:"detail,omitempty"`
	Err    string `json:"error,omitempty"`
	OK     bool   `json:"ok"`
}

// judge says whether the goal was reached; a figure that is no number has not reached it.
func (r *Row) judge() bool {
	switch {
	case r.Err != "" || math.IsNaN(r.Value):
		return false
	case r.AtLeast != 0:
		return r.Value >= r.AtLeast
	case r.AtMost != 0 || r.Exact:
		return r.Value <= r.AtMost
	}
	return true
}

func (r *Row) goal() string {
	switch {
	case r.AtLeast != 0:
		return "at least " + withUnit(r.AtLeast, r.Unit)
	case r.AtMost != 0 || r.Exact:
		return "at most " + withUnit(r.AtMost, r.Unit)
	}
	return "-"
}

func (r *Row) verdict() string {
	switch {
	case r.Err != "":
		return "failed"
	case r.Unjudged != "":
		return "not judged"
	case r.goal() == "-":
		return ""
	case r.OK:
		return "ok"
	}
	return "missed"
}

// Report is a whole run.
type Report struct {
	Started time.Time `json:"started"`
	System  string    `json:"system"`
	CPU     string    `json:"cpu"`
	Quick   bool      `json:"quick"`
	Rows    []Row     `json:"rows"`
	// Ratio of the whole way to the reference, and its goal; 0 when it was not measured.
	Ratio   float64 `json:"ratio"`
	Goal    float64 `json:"goal"`
	Figures results `json:"figures"`
}

func newReport(o options) *Report {
	return &Report{Started: time.Now().UTC(), Quick: o.quick, Goal: wholeWayGoal, CPU: cpuModel(),
		System: fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())}
}

func (r *Report) add(row Row) {
	row.OK = row.judge()
	if math.IsNaN(row.Value) { // JSON has no word for it
		row.Value = 0
	}
	if row.Name == wholeWay && row.Unit == ratioUnit && row.Err == "" {
		r.Ratio = row.Value
	}
	r.Rows = append(r.Rows, row)
}

func (r *Report) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %s\n", r.System, r.CPU)
	if r.Quick {
		fmt.Fprintln(out, "A quick run: too short to judge by.")
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "measure\tfigure\tgoal\t\t")
	for i := range r.Rows {
		row := &r.Rows[i]
		figure := withUnit(row.Value, row.Unit)
		detail := row.Detail
		switch {
		case row.Err != "":
			figure, detail = "-", firstLine(row.Err)
		case row.Unjudged != "":
			detail = strings.TrimPrefix(detail+"; "+row.Unjudged, "; ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", row.Measure, figure, row.goal(), row.verdict(), detail)
	}
	w.Flush()
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// printRatio prints the last line, which other programs read.
func (r *Report) printRatio(out io.Writer) {
	if r.Ratio != 0 {
		fmt.Fprintf(out, "\nwhole-way ratio %.2f (goal %.2f)\n", r.Ratio, r.Goal)
	}
}

// failed is an error when a measure could not be taken. A goal that was missed is not one.
func (r *Report) failed() error {
	var errs []error
	for _, row := range r.Rows {
		if row.Err != "" {
			errs = append(errs, fmt.Errorf("%s: %s", row.Measure, row.Err))
		}
	}
	return errors.Join(errs...)
}

func (r *Report) save(o options) error {
	if o.json != "" {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.json, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(r.benchmarks()), 0o644)
}

// benchmarks returns the figures in the format of Go benchmarks, a line a case and round.
func (r *Report) benchmarks() string {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/pintle-hub/pintle/bench\ncpu: %s\n", runtime.GOOS, runtime.GOARCH, r.CPU)
	fmt.Fprintf(&b, "Unit %s better=higher\n", perSecond)
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "Benchmark%s-%d %d", title(f.Case), runtime.NumCPU(), max(f.Events, 1))
		for _, unit := range slices.Sorted(maps.Keys(f.Values)) {
			fmt.Fprintf(&b, " %s %s", strconv.FormatFloat(f.Values[unit], 'g', 6, 64), unit)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// title turns "whole-way" into "WholeWay".
func title(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:min(1, len(part))]) + part[min(1, len(part)):])
	}
	return b.String()
}

func withUnit(v float64, unit string) string {
	return strings.TrimSpace(short(v) + " " + unit)
}

// short writes a figure with three digits that count, and thousands apart.
func short(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "-"
	case size >= 10_000:
		return thousands(int64(math.Round(v/100) * 100))
	case size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// cpuModel is what the system calls its processor.
func cpuModel() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}
