package sdk

import "time"

// Event is one thing that was said or that happened, in CloudEvents 1.0 terms. Sources make them, analyzers and sinks read
// them. Once handed to an Emitter an event belongs to the hub: do not change it afterwards.
type Event struct {
	// ID is unique within Source. Empty on a feedback event means: derived from Feedback.Native by FeedbackID.
	ID string
	// Source is a URI reference: the address of the source, such as source.rss.blog. The hub sets it; a source leaves it empty.
	Source string
	// Type names the kind of event and its version: TypeFeedback, TypeInsight or a reverse-DNS name of the plugin's own.
	// Empty means TypeFeedback when Feedback is set.
	Type string
	// Subject is what the event is about, in the words of the source (optional).
	Subject string
	// Time is when it happened, not when it was read. Zero means: when it was emitted. Kept to the nanosecond between 1678
	// and 2262; what lies beyond is moved to the nearer end.
	Time time.Time
	// Key orders: events of one key reach a sink in the order in which they were emitted. Empty means: the author's id, or
	// the event's own id where there is no author.
	Key string
	// Schema is the URI of the body's schema (CloudEvents dataschema), optional.
	Schema string
	// Correlation is the id of the loop this event belongs to, Causation the id of the event that caused it (optional).
	Correlation, Causation string
	// TraceParent and TraceState carry a W3C trace context (optional).
	TraceParent, TraceState string
	// Tenant separates organisations that share a hub (optional).
	Tenant string

	// Feedback is the body of an event of TypeFeedback.
	Feedback *Feedback
	// Insight is the body of an event of TypeInsight.
	Insight *Insight
	// Data is one JSON value: the body of any other type, or what a source could not map to Feedback.
	Data []byte

	// Annotations is what analyzers added, in the order of the chain. Only sinks and later analyzers see it.
	Annotations []Annotation
}

// Types of events that have a typed body.
const (
	TypeFeedback = "io.pintle.feedback.v1"
	TypeInsight  = "io.pintle.insight.v1"
	// TypeRejected is what a source could not read: it goes to the dead letters, never to an analyzer.
	TypeRejected = "io.pintle.rejected.v1"
)

// Annotation is one field that one analyzer added to one event, with its provenance.
type Annotation struct {
	// Analyzer is the name of the analyzer's block in the configuration: event.<Analyzer>.<Field> in an expression.
	Analyzer string
	// Plugin and Version name the program's part that said so; Params is a hash of its configuration.
	Plugin, Version, Params string
	Field                   string
	Value                   Value
}

// Annotation returns what the analyzer named analyzer added as field, or a null value.
func (e *Event) Annotation(analyzer, field string) Value {
	for i := range e.Annotations {
		if a := &e.Annotations[i]; a.Analyzer == analyzer && a.Field == field {
			return a.Value
		}
	}
	return Value{}
}

// Text returns what the person wrote, or "" where the event carries no feedback.
func (e *Event) Text() string {
	if e.Feedback == nil {
		return ""
	}
	return e.Feedback.Text
}
