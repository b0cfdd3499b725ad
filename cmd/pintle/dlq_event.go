package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/sdk"
)

// eventJSON is the event of a dead letter, as it is shown.
type eventJSON struct {
	ID          string                    `json:"id"`
	Type        string                    `json:"type"`
	Source      string                    `json:"source"`
	Time        time.Time                 `json:"time,omitzero"`
	Key         string                    `json:"key,omitempty"`
	Author      string                    `json:"author,omitempty"`
	Title       string                    `json:"title,omitempty"`
	Text        string                    `json:"text,omitempty"`
	Insight     *sdk.Insight              `json:"insight,omitempty"`
	Data        json.RawMessage           `json:"data,omitempty"`
	Raw         string                    `json:"raw,omitempty"` // what a source could not read
	Where       string                    `json:"where,omitempty"`
	Annotations map[string]map[string]any `json:"annotations,omitempty"`
}

// eventOf decodes the event of a dead letter.
func eventOf(d *flow.DeadLetter) (*eventJSON, error) {
	records, err := sdk.ParseRecords(d.Records)
	if err != nil {
		return nil, fmt.Errorf("read the event of the dead letter: %w", err)
	}
	var added []*sdk.Added
	for _, b := range d.Additions {
		a, err := sdk.ParseAdditions(b, records.Len())
		if err != nil {
			return nil, fmt.Errorf("read what was added to the event: %w", err)
		}
		added = append(added, a)
	}
	if records.Len() == 0 {
		return nil, fmt.Errorf("the dead letter holds no event")
	}
	return shape(sdk.NewBatch(records, nil, added, nil).Event(0)), nil
}

func shape(e *sdk.Event) *eventJSON {
	out := &eventJSON{ID: e.ID, Type: e.Type, Source: e.Source, Time: e.Time, Key: e.Key, Insight: e.Insight}
	if f := e.Feedback; f != nil {
		out.Author, out.Title, out.Text = f.Author.ID, f.Title, f.Text
	}
	if e.Type == sdk.TypeRejected {
		where, _, raw := sdk.RejectionOf(e)
		out.Where, out.Raw = where, string(raw)
	} else if json.Valid(e.Data) {
		out.Data = e.Data
	}
	for _, a := range e.Annotations {
		if out.Annotations == nil {
			out.Annotations = make(map[string]map[string]any)
		}
		if out.Annotations[a.Analyzer] == nil {
			out.Annotations[a.Analyzer] = make(map[string]any)
		}
		out.Annotations[a.Analyzer][a.Field] = a.Value.Any()
	}
	return out
}

// fields are the event's parts for a person, by name.
func (e *eventJSON) fields() [][2]string {
	list := [][2]string{{"id", e.ID}, {"type", e.Type}, {"source", e.Source}, {"author", e.Author}, {"title", e.Title}, {"text", e.Text},
		{"where", e.Where}, {"raw", e.Raw}, {"data", string(e.Data)}}
	if !e.Time.IsZero() {
		list = append(list, [2]string{"time", e.Time.UTC().Format(time.RFC3339)})
	}
	if e.Insight != nil {
		list = append(list, [2]string{"insight", fmt.Sprintf("%s: %s (%d people, %d events)", e.Insight.Stage, e.Insight.Title, e.Insight.People,
			e.Insight.Events)})
	}
	if len(e.Annotations) > 0 {
		text, _ := json.Marshal(e.Annotations) // values of JSON: it cannot fail
		list = append(list, [2]string{"added", string(text)})
	}
	return list
}
