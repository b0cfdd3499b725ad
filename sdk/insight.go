package sdk

import "time"

// Stages of an insight, by the number of distinct people behind it.
const (
	StageProblem = "problem"
	StagePattern = "pattern"
	StageTrend   = "trend"
)

// Insight is the body of TypeInsight: what many events mean together, with the evidence. The same insight is emitted again
// when it changes, with the same event id and Key, so that a sink can update its record.
type Insight struct {
	// Key names the insight for an upsert: hash of analyzer, group and window start.
	Key string
	// Analyzer is the block name of the analyzer that raised it.
	Analyzer string
	// Group holds the values it was grouped by, in the order of the configuration. Title is Group for people.
	Group                 []string
	Title, Topic, Product string
	// Stage is problem, pattern or trend.
	Stage string
	// People is the number of distinct persons, Events the number of events, Communities of distinct communities.
	People, Events, Communities int64
	// Evidence holds ids of events behind the insight, oldest first, at most 100.
	Evidence            []string
	FirstTime, LastTime time.Time
	// WindowStart and WindowEnd bound the span of event time that was counted.
	WindowStart, WindowEnd time.Time
	// ByChannel counts events per source, sorted by name.
	ByChannel []Count
	// Rate is events per day over the window seen so far.
	Rate                 float64
	Function             string
	Severity, Confidence float64
	Why                  []Reason
	RecommendedActions   []string
	Supersedes           string
}

// Count is a number of events under a name.
type Count struct {
	Name string
	N    int64
}

// Reason is one sentence of evidence with the events that show it.
type Reason struct {
	Sentence string
	Events   []string
}
