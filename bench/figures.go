package main

import (
	"cmp"
	"math"
	"slices"
)

// The units of figures, as benchstat writes them: no spaces.
const (
	perSecond     = "events/s"
	cpuPerMillion = "cpu-s/M"     // processor seconds of all processes for a million events
	hubPerMillion = "hub-cpu-s/M" // those of the hub alone
	nsPerOp       = "ns/op"       // of time that passed, an event
	firstMS       = "first-ms"    // from the start of the hub to the first event delivered
	readyMS       = "ready-ms"    // from the start of the hub until everything is open
	p50MS         = "p50-ms"      // age of an event at the sink
	p99MS         = "p99-ms"      //
	hubMB         = "hub-MB"      // most memory held
	sourceMB      = "source-MB"   //
	analyzerMB    = "analyzer-MB" //
	sinkMB        = "sink-MB"     //
	pluginMB      = "plugin-MB"   // of the largest plugin
	pluginsMB     = "plugins-MB"  // of all plugins
	hubCPU        = "hub-%core"   // share of one core
	pluginsCPU    = "plugins-%core"
	storedTimes   = "stored-B/B"    // bytes of the log for one byte of an event
	storedEvents  = "stored-events" // events in the log
	cpuSecs       = "cpu-s"         // processor seconds of the whole case
	fillMS        = "fill-ms"       // to write a backlog
	evalNS        = "eval-ns"       // one evaluation of a condition
	allocs        = "allocs/op"
)

// Figures are what one case measured in one round.
type Figures struct {
	Case   string             `json:"case"`
	Round  int                `json:"round"`
	Events int                `json:"events"`
	Values map[string]float64 `json:"values"`
}

// raise keeps the larger of two values.
func (f *Figures) raise(unit string, v float64) { f.Values[unit] = max(f.Values[unit], v) }

// results are the figures of one measure, in the order in which they were taken.
type results []Figures

// of returns the values of one case, by round.
func (r results) of(name, unit string) []float64 {
	var list []float64
	for _, f := range r {
		if v, ok := f.Values[unit]; ok && f.Case == name {
			list = append(list, v)
		}
	}
	return list
}

// median returns the median of a case's values.
func (r results) median(name, unit string) float64 { return median(r.of(name, unit)) }

// ratio returns the median of the quotients of two cases, each of one round: both halves of a quotient saw the same weather.
func (r results) ratio(above, below, unit string) float64 {
	a, b := r.of(above, unit), r.of(below, unit)
	var list []float64
	for i := range min(len(a), len(b)) {
		list = append(list, a[i]/b[i])
	}
	return median(list)
}

// median returns the middle of list, the mean of the two in the middle where their number is even; NaN of nothing.
func median(list []float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile returns the smallest value of sorted that at least share of all do not exceed; NaN of nothing.
func percentile[T cmp.Ordered](sorted []T, share float64) T {
	var none T
	if len(sorted) == 0 {
		return none
	}
	i := int(math.Ceil(share*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}
