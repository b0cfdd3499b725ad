package cloudevent_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

func feedback() sdk.Event {
	return sdk.Event{
		ID: "fb_1", Source: "source.rss.blog", Type: sdk.TypeFeedback, Subject: "otter", Key: "p-7",
		Time:   time.Date(2026, 5, 1, 12, 0, 0, 5e6, time.FixedZone("", 7200)),
		Schema: "https://schema.example/feedback/1.0", Correlation: "loop-1", Causation: "fb_0",
		TraceParent: "00-aa-bb-01", TraceState: "a=b", Tenant: "t1",
		Feedback: &sdk.Feedback{
			Kind: "review", Text: "a <b> & \u2028\nline", Title: "T", HTML: "<p>", Lang: "en", LangConfidence: 0.5, URL: "https://x.example",
			Media:       []sdk.Media{{URL: "u", MIME: "image/png", SHA256: "00"}},
			Native:      sdk.Native{Platform: "mastodon", Instance: "m.example", ID: "9", Revision: "2", EditedAt: time.Unix(10, 0)},
			Thread:      sdk.Thread{Root: "1", Parent: "2", Position: 3},
			Author:      sdk.Author{ID: "p-7", Platform: "mastodon", Handle: "@a", Display: "A", Verified: true, BotLikely: true},
			Addressee:   "to_us",
			Communities: []sdk.Community{{ID: "c", Type: "forum"}},
			Rating:      &sdk.Rating{Value: 2, Best: 5, Worst: 1},
			Engagement:  &sdk.Engagement{Likes: 1, Shares: 2, Replies: 3, Reach: 4, At: time.Unix(20, 0)},
			Visibility:  "public", Place: "Ghent", Device: "phone",
			Consent:   sdk.Consent{Basis: "contract", Scope: "service"},
			Retention: sdk.Retention{DeleteAfter: time.Unix(30, 0), SourcePolicy: "30d"},
			ReplyTo:   sdk.ReplyTo{Capability: "thread", WindowUntil: time.Unix(40, 0), MustBeMentioned: true, MaxLen: 300},
		},
		Data: []byte(`{"stars": 2}`),
		Annotations: []sdk.Annotation{
			{Analyzer: "mood", Field: "label", Value: sdk.StringValue("negative")},
			{Analyzer: "mood", Field: "score", Value: sdk.NumberValue(-0.5)},
			{Analyzer: "topic", Field: "labels", Value: sdk.StringsValue([]string{"refund", "late"})},
			{Analyzer: "odd", Field: "nan", Value: sdk.NumberValue(math.NaN())},
		},
	}
}

const wantFeedback = `{"specversion":"1.0","id":"fb_1","source":"source.rss.blog","type":"io.pintle.feedback.v1","subject":"otter",
"time":"2026-05-01T10:00:00.005Z","dataschema":"https://schema.example/feedback/1.0","partitionkey":"p-7",
"correlationid":"loop-1","causationid":"fb_0","traceparent":"00-aa-bb-01","tracestate":"a=b","tenant":"t1",
"datacontenttype":"application/json","data":{"kind":"review",
"content":{"text":"a <b> & \u2028\nline","title":"T","html":"<p>","lang":"en","lang_conf":0.5,
"media":[{"url":"u","mime":"image/png","sha256":"00"}],"url":"https://x.example"},
"native":{"platform":"mastodon","instance":"m.example","id":"9","revision":"2","edited_at":"1970-01-01T00:00:10Z"},
"thread":{"root_id":"1","parent_id":"2","position":3},
"author":{"identity_id":"p-7","platform":"mastodon","handle":"@a","display":"A","verified":true,"bot_likely":true},
"addressee":"to_us","communities":[{"id":"c","type":"forum"}],"rating":{"value":2,"best":5,"worst":1},
"engagement":{"likes":1,"shares":2,"replies":3,"reach":4,"at":"1970-01-01T00:00:20Z"},
"place":"Ghent","device":"phone","visibility":"public","consent":{"basis":"contract","scope":"service"},
"retention":{"delete_after":"1970-01-01T00:00:30Z","source_policy":"30d"},
"reply_to":{"capability":"thread","window_until":"1970-01-01T00:00:40Z","must_be_mentioned":true,"max_len":300},
"data":{"stars":2},
"annotations":{"mood":{"label":"negative","score":-0.5},"odd":{"nan":null},"topic":{"labels":["refund","late"]}}}}`

func TestMarshalFeedback(t *testing.T) {
	e := feedback()
	got, err := cloudevent.Marshal(&e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(wantFeedback, "\n", ""), string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func insight() sdk.Event {
	return sdk.Event{
		ID: "in_1", Source: "analyzer.trend.problems", Type: sdk.TypeInsight, Time: time.Unix(50, 0),
		Insight: &sdk.Insight{
			Key: "k", Analyzer: "problems", Group: []string{"refund"}, Title: "refund", Stage: sdk.StagePattern,
			People: 2, Events: 3, Communities: 1, Evidence: []string{"fb_1", "fb_2"},
			FirstTime: time.Unix(1, 0), LastTime: time.Unix(2, 0), WindowStart: time.Unix(3, 0), WindowEnd: time.Unix(9, 0),
			ByChannel: []sdk.Count{{Name: "source.rss.blog", N: 3}}, Rate: 0.5, Function: "finance", Severity: 1, Confidence: 0.25,
			Why: []sdk.Reason{{Sentence: "two people", Events: []string{"fb_1"}}}, RecommendedActions: []string{"call"}, Supersedes: "in_0",
		},
	}
}

func TestMarshalInsight(t *testing.T) {
	e := insight()
	got, err := cloudevent.Marshal(&e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"in_1","source":"analyzer.trend.problems","type":"io.pintle.insight.v1",` +
		`"time":"1970-01-01T00:00:50Z","revision":"` + cloudevent.Revision(&e) + `","datacontenttype":"application/json","data":{"key":"k",` +
		`"analyzer":"problems","group":["refund"],"title":"refund","stage":"pattern","support":{"feedback_ids":["fb_1","fb_2"],` +
		`"distinct_persons":2,"distinct_communities":1,"events":3,"by_channel":{"source.rss.blog":3},` +
		`"first_seen":"1970-01-01T00:00:01Z","last_seen":"1970-01-01T00:00:02Z","rate":0.5},` +
		`"window":{"start":"1970-01-01T00:00:03Z","end":"1970-01-01T00:00:09Z"},"function":"finance","severity":1,"confidence":0.25,` +
		`"why":[{"sentence":"two people","feedback_ids":["fb_1"]}],"recommended_actions":["call"],"supersedes":"in_0"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMarshalOtherBodies(t *testing.T) {
	note := []sdk.Annotation{{Analyzer: "a", Field: "f", Value: sdk.BoolValue(true)}}
	for name, tc := range map[string]struct {
		data  string
		notes []sdk.Annotation
		want  string
	}{
		"nothing":               {"", nil, ``},
		"as it is":              {`[1, 2]`, nil, `,"datacontenttype":"application/json","data":[1,2]`},
		"only annotations":      {"", note, `,"datacontenttype":"application/json","data":{"annotations":{"a":{"f":true}}}`},
		"object and annotation": {`{"b":1}`, note, `,"datacontenttype":"application/json","data":{"annotations":{"a":{"f":true}},"b":1}`},
		"list and annotation":   {`[1]`, note, `,"datacontenttype":"application/json","data":{"annotations":{"a":{"f":true}},"value":[1]}`},
		"name is taken":         {`{"annotations":1}`, note, `,"datacontenttype":"application/json","data":{"annotations":{"a":{"f":true}},"value":{"annotations":1}}`},
		"null and annotation":   {`null`, note, `,"datacontenttype":"application/json","data":{"annotations":{"a":{"f":true}},"value":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := cloudevent.Marshal(&sdk.Event{ID: "1", Source: "s", Type: "org.example.x", Data: []byte(tc.data), Annotations: tc.notes})
			if err != nil {
				t.Fatal(err)
			}
			want := `{"specversion":"1.0","id":"1","source":"s","type":"org.example.x"` + tc.want + `}`
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMarshalRefusesWithoutQuoting(t *testing.T) {
	for name, e := range map[string]sdk.Event{
		"data is no JSON": {ID: "1", Type: "x", Data: []byte(`secret words`)},
		"rating is NaN":   {ID: "1", Feedback: &sdk.Feedback{Text: "secret words", Rating: &sdk.Rating{Value: math.NaN()}}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := cloudevent.Marshal(&e); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestKeyTellsStatesOfAnInsightApart(t *testing.T) {
	small, same, grown := insight(), insight(), insight()
	same.Annotations = []sdk.Annotation{{Analyzer: "a", Field: "f", Value: sdk.BoolValue(true)}}
	grown.Insight.People = 3
	if cloudevent.Key(&small) != cloudevent.Key(&same) {
		t.Error("an annotation changed the key")
	}
	if cloudevent.Key(&small) == cloudevent.Key(&grown) {
		t.Error("an insight that grew has the key it had")
	}
	if e := feedback(); cloudevent.Key(&e) != "fb_1" {
		t.Errorf("key of feedback is %q, want its id", cloudevent.Key(&e))
	}
}

// TestMarshalOverTheWire checks that encoding is the same after an event went through a batch, as it does after a restart.
func TestMarshalOverTheWire(t *testing.T) {
	before := insight()
	batch, err := sdk.BatchOf(before)
	if err != nil {
		t.Fatal(err)
	}
	after := *batch.Event(0)
	before.Key, before.Source = after.Key, after.Source
	want, _ := cloudevent.Marshal(&before)
	got, err := cloudevent.Marshal(&after)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !json.Valid(got) {
		t.Error("not JSON")
	}
}
