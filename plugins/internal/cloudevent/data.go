package cloudevent

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"

	"github.com/pintle-hub/pintle/sdk"
)

// annotations is what analyzers added: analyzer, field, value.
type annotations map[string]map[string]any

func annotationsOf(e *sdk.Event) annotations {
	if len(e.Annotations) == 0 {
		return nil
	}
	out := make(annotations)
	for _, n := range e.Annotations {
		if out[n.Analyzer] == nil {
			out[n.Analyzer] = make(map[string]any)
		}
		out[n.Analyzer][n.Field] = plain(n.Value)
	}
	return out
}

// plain returns a value as JSON can hold it: what is not a number becomes null.
func plain(v sdk.Value) any {
	if v.Kind == sdk.Number && (math.IsNaN(v.Num) || math.IsInf(v.Num, 0)) {
		return nil
	}
	return v.Any()
}

// dataOf returns the data member, nil when the event has no body.
func dataOf(e *sdk.Event) (any, error) {
	notes := annotationsOf(e)
	rest := json.RawMessage(e.Data)
	if len(rest) > 0 && !json.Valid(rest) {
		return nil, errors.New("event data is not JSON")
	}
	switch {
	case e.Feedback != nil:
		f := feedbackData(e.Feedback)
		f.Data, f.Annotations = rest, notes
		return f, nil
	case e.Insight != nil:
		in := insightData(e.Insight)
		in.Data, in.Annotations = rest, notes
		return in, nil
	case notes == nil && len(rest) == 0:
		return nil, nil
	case notes == nil:
		return rest, nil
	}
	return annotated(rest, notes), nil
}

// annotated puts annotations into a body of the plugin's own type. Where there is no place for them, because it is no object
// or has a member of that name, the body moves into "value".
func annotated(body json.RawMessage, notes annotations) any {
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return map[string]any{"annotations": notes}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil || object["annotations"] != nil {
		return map[string]any{"value": body, "annotations": notes}
	}
	out := make(map[string]any, len(object)+1)
	for name, member := range object {
		out[name] = member
	}
	out["annotations"] = notes
	return out
}
