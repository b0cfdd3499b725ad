package cloudevent

import (
	"encoding/json"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

type insight struct {
	Key                string          `json:"key,omitempty"`
	Analyzer           string          `json:"analyzer,omitempty"`
	Group              []string        `json:"group,omitempty"`
	Title              string          `json:"title,omitempty"`
	Topic              string          `json:"topic,omitempty"`
	Product            string          `json:"product,omitempty"`
	Stage              string          `json:"stage,omitempty"`
	Support            support         `json:"support"`
	Window             window          `json:"window,omitzero"`
	Function           string          `json:"function,omitempty"`
	Severity           float64         `json:"severity,omitempty"`
	Confidence         float64         `json:"confidence,omitempty"`
	Why                []reason        `json:"why,omitempty"`
	RecommendedActions []string        `json:"recommended_actions,omitempty"`
	Supersedes         string          `json:"supersedes,omitempty"`
	Data               json.RawMessage `json:"data,omitempty"`
	Annotations        annotations     `json:"annotations,omitempty"`
}

// support is the evidence: who is behind the insight, where and when.
type support struct {
	FeedbackIDs         []string         `json:"feedback_ids,omitempty"`
	DistinctPersons     int64            `json:"distinct_persons"`
	DistinctCommunities int64            `json:"distinct_communities"`
	Events              int64            `json:"events"`
	ByChannel           map[string]int64 `json:"by_channel,omitempty"`
	FirstSeen           time.Time        `json:"first_seen,omitzero"`
	LastSeen            time.Time        `json:"last_seen,omitzero"`
	Rate                float64          `json:"rate,omitempty"`
}

type window struct {
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
}

type reason struct {
	Sentence    string   `json:"sentence"`
	FeedbackIDs []string `json:"feedback_ids,omitempty"`
}

func insightData(in *sdk.Insight) *insight {
	out := &insight{
		Key: in.Key, Analyzer: in.Analyzer, Group: in.Group, Title: in.Title, Topic: in.Topic, Product: in.Product,
		Stage: in.Stage, Function: in.Function, Severity: in.Severity, Confidence: in.Confidence,
		Support: support{
			FeedbackIDs: in.Evidence, DistinctPersons: in.People, DistinctCommunities: in.Communities, Events: in.Events,
			FirstSeen: in.FirstTime.UTC(), LastSeen: in.LastTime.UTC(), Rate: in.Rate,
		},
		Window:             window{Start: in.WindowStart.UTC(), End: in.WindowEnd.UTC()},
		RecommendedActions: in.RecommendedActions, Supersedes: in.Supersedes,
	}
	for _, c := range in.ByChannel {
		if out.Support.ByChannel == nil {
			out.Support.ByChannel = make(map[string]int64)
		}
		out.Support.ByChannel[c.Name] += c.N
	}
	for _, r := range in.Why {
		out.Why = append(out.Why, reason{Sentence: r.Sentence, FeedbackIDs: r.Events})
	}
	return out
}
