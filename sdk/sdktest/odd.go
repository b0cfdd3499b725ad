package sdktest

import (
	"fmt"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// private is part of the texts of OddEvents: it must not show in logs, errors or results.
const private = "zqx-words-of-a-customer"

// OddEvents returns events with the texts that break programs: none, very long ones, scripts, controls, and events without
// feedback. Every hub meets them in its first week.
func OddEvents() []sdk.Event {
	texts := []string{
		"",
		" \t\r\n ",
		private,
		strings.Repeat("x", 64<<10),
		strings.Repeat(private+". Long, longer. ", 1<<10),
		"😀👩‍👩‍👧‍👦🏳️‍🌈 \U0001F1E9\U0001F1EA",
		"مرحبا بالعالم \u202Eabc\u202C שלום",
		"before\x00after\x01\x1b[31m",
		"e\u0301 a\u0308 " + strings.Repeat("\u0301", 200),
		"日本語のテキスト。ไทยไม่มีช่องว่าง",
		"\ufeffbom \ufffd \u2028 line \u2029 paragraph",
		"<script>alert('x')</script> & \"quotes\" \\ %s %d {{.}} ${event.text}",
		"'; DROP TABLE events; --",
		"UPPER lower 12345 1e309 -0 NaN null true",
		"http://x.example/?a=1&b=2 mail@x.example @someone #topic",
	}
	at := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	var events []sdk.Event
	for i, text := range texts {
		title := strings.ToValidUTF8(text[:min(len(text), 10)], "")
		events = append(events, sdk.Event{ID: fmt.Sprintf("odd-%02d", i), Source: "source.sdktest.odd", Time: at.Add(time.Duration(i) * time.Second),
			Feedback: &sdk.Feedback{Text: text, Title: title, Author: sdk.Author{ID: fmt.Sprintf("author-%d", i%3)}}})
	}
	return append(events, oddShapes(at.Add(time.Hour))...)
}

// oddShapes are events that are not a plain piece of feedback.
func oddShapes(at time.Time) []sdk.Event {
	return []sdk.Event{
		{ID: "odd feedback of nothing", Time: at, Feedback: &sdk.Feedback{}},
		{ID: "odd rating", Time: at, Feedback: &sdk.Feedback{Rating: &sdk.Rating{}, Engagement: &sdk.Engagement{}}},
		{ID: "odd/id?with=&<all>'\"\n日本", Key: "odd key", Time: at, Feedback: &sdk.Feedback{Text: private}},
		{ID: strings.Repeat("i", sdk.MaxID), Time: at, Type: "com.example.visit.v1", Data: []byte(`{"page":"/","seconds":3}`)},
		{ID: "odd data", Time: time.Unix(0, 1), Type: "com.example.other.v1", Data: []byte(`not JSON`)},
		{ID: "odd type alone", Time: at, Type: "com.example.empty.v1"},
		{ID: "odd insight", Time: at, Insight: &sdk.Insight{Key: "k", Stage: sdk.StageTrend, Title: private, People: 3}},
		{ID: "odd insight of nothing", Time: at, Insight: &sdk.Insight{}},
	}
}
