// Package cloudevent writes events as CloudEvents 1.0 in their JSON format, for the sinks that hand them to other programs.
//
// The data member holds the typed body with lower_snake names. Extension attributes of a CloudEvent must be scalars, so what
// analyzers added stands in data.annotations: {"mood": {"label": "negative"}}. It does not read CloudEvents. Its promise: the
// same event gives the same bytes, after a restart too.
package cloudevent

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// envelope holds the attributes in the order in which they are written.
type envelope struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject,omitempty"`
	Time            time.Time `json:"time,omitzero"`
	DataSchema      string    `json:"dataschema,omitempty"`
	PartitionKey    string    `json:"partitionkey,omitempty"`
	CorrelationID   string    `json:"correlationid,omitempty"`
	CausationID     string    `json:"causationid,omitempty"`
	TraceParent     string    `json:"traceparent,omitempty"`
	TraceState      string    `json:"tracestate,omitempty"`
	Tenant          string    `json:"tenant,omitempty"`
	Revision        string    `json:"revision,omitempty"`
	DataContentType string    `json:"datacontenttype,omitempty"`
	Data            any       `json:"data,omitempty"`
}

// Marshal returns e as one line of JSON without a line break. It fails for an event whose Data is not JSON, whose numbers
// and times have no place in JSON; the error holds nothing of what was said.
func Marshal(e *sdk.Event) ([]byte, error) {
	data, err := dataOf(e)
	if err != nil {
		return nil, err
	}
	out := envelope{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject, Time: e.Time.UTC(),
		DataSchema: e.Schema, PartitionKey: e.Key, CorrelationID: e.Correlation, CausationID: e.Causation,
		TraceParent: e.TraceParent, TraceState: e.TraceState, Tenant: e.Tenant, Revision: Revision(e), Data: data,
	}
	if data != nil {
		out.DataContentType = "application/json"
	}
	line, err := marshal(out)
	if err != nil {
		return nil, errors.New("event has a number or a time that JSON cannot hold")
	}
	return line, nil
}

// Revision tells the states of one insight apart, which is emitted again under the same id whenever it grows. It is empty for
// every other event: there the id says it all. Written as the extension attribute "revision".
func Revision(e *sdk.Event) string {
	if e.Insight == nil {
		return ""
	}
	state, err := marshal(insightData(e.Insight))
	if err != nil {
		return ""
	}
	return sdk.HashID(e.ID, e.Time.UTC().Format(time.RFC3339Nano), string(state))[:16]
}

// Key returns the idempotency key of e within its source: the id, with the revision if it has one. Two events with the same
// key are one event that came twice.
func Key(e *sdk.Event) string {
	if r := Revision(e); r != "" {
		return e.ID + "-" + r
	}
	return e.ID
}

// marshal writes JSON as people read it: without escapes for <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
