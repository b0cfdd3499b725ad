package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

type surveyConfig struct {
	Count int `pintle:"count" doc:"How many events."`
}

const (
	surveyBatch = 512
	surveySize  = 1024 // bytes of an event in a batch
	textSize    = 332
	variety     = 64 // different bodies
	// matching of 16 events meet the condition of the structured case.
	matching = 15
)

// survey makes structured events: nearly every field of the contract is set, and event.data is a JSON object.
type survey struct {
	count  int
	bodies []sdk.Feedback
	data   [][]byte
	start  time.Time
}

// answers is event.data of a survey.
type answers struct {
	Order    string   `json:"order"`
	Total    float64  `json:"total"`
	Country  string   `json:"country"`
	Channel  string   `json:"channel"`
	Returned bool     `json:"returned"`
	Items    []string `json:"items"`
	Score    int      `json:"score"`
}

func newSurvey(count int) *survey {
	s := &survey{count: count, start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	words := strings.Fields("the box came late and the lamp was broken but support sent a new one within two days thank you all")
	for i := range variety {
		var text strings.Builder
		for n := i; text.Len() < textSize; n += 7 {
			text.WriteString(words[n%len(words)] + " ")
		}
		stars := float64(1 + i%4)
		if i%16 >= matching {
			stars = 5
		}
		s.bodies = append(s.bodies, sdk.Feedback{
			Kind: "review", Text: text.String()[:textSize], Title: "How was your delivery?", Lang: "en", LangConfidence: 0.9,
			URL: "https://shop.example/orders/" + strconv.Itoa(1000+i) + "/review", Visibility: "public", Place: "Freiburg, DE", Device: "phone",
			Native:      sdk.Native{Platform: "survey", Instance: "shop.example", Revision: "1", EditedAt: s.start},
			Thread:      sdk.Thread{Root: "order-" + strconv.Itoa(i), Parent: "mail-" + strconv.Itoa(i), Position: 2},
			Author:      sdk.Author{ID: "customer-" + strconv.Itoa(i), Platform: "survey", Handle: "customer" + strconv.Itoa(i), Display: "Customer", Verified: true},
			Addressee:   "to_us",
			Communities: []sdk.Community{{ID: "buyers", Type: "segment"}, {ID: "south", Type: "region"}},
			Rating:      &sdk.Rating{Value: stars, Best: 5, Worst: 1},
			Engagement:  &sdk.Engagement{Likes: int64(i), Replies: 1, Reach: 100, At: s.start},
			Consent:     sdk.Consent{Basis: "contract", Scope: "service"},
			Retention:   sdk.Retention{DeleteAfter: s.start.AddDate(2, 0, 0), SourcePolicy: "two-years"},
			ReplyTo:     sdk.ReplyTo{Capability: "mail", WindowUntil: s.start.AddDate(0, 1, 0), MaxLen: 2000},
		})
		s.data = append(s.data, pretty(answers{Order: "2026-" + strconv.Itoa(10_000+i), Total: 99.5 + float64(i), Country: "DE", Channel: "mail",
			Returned: i%3 == 0, Items: []string{"lamp with a long name", "battery pack", "spare bulb, warm white, two pieces"}, Score: i % 11}))
	}
	return s
}

// Run makes events from the number that from holds up to count.
func (s *survey) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	next, _ := strconv.Atoi(string(from))
	for next < s.count && ctx.Err() == nil {
		n := min(surveyBatch, s.count-next)
		events := s.batch(next, n)
		next += n
		if err := out.Send(ctx, sdk.Position(strconv.Itoa(next)), events...); err != nil {
			return err
		}
	}
	return nil
}

// batch makes the events with the numbers from first on.
func (s *survey) batch(first, n int) []sdk.Event {
	events, bodies := make([]sdk.Event, n), make([]sdk.Feedback, n)
	for i := range events {
		number := first + i
		id := "answer-" + strconv.Itoa(number)
		bodies[i] = s.bodies[number%variety]
		bodies[i].Native.ID = id
		events[i] = sdk.Event{ID: id, Subject: "delivery", Time: s.start.Add(time.Duration(number) * time.Millisecond), Tenant: "shop",
			Schema: "https://shop.example/schemas/survey.json", Feedback: &bodies[i], Data: s.data[number%variety]}
	}
	return events
}

// facts adds ten annotations to every event, as a row of real analyzers would.
type facts struct{}

func factFields() []sdk.Field {
	return []sdk.Field{{Name: "score", Kind: sdk.Number}, {Name: "topic", Kind: sdk.String}, {Name: "label", Kind: sdk.String},
		{Name: "language", Kind: sdk.String}, {Name: "product", Kind: sdk.String}, {Name: "words", Kind: sdk.Number},
		{Name: "urgency", Kind: sdk.Number}, {Name: "confidence", Kind: sdk.Number}, {Name: "question", Kind: sdk.Bool},
		{Name: "complaint", Kind: sdk.Bool}}
}

func (facts) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	labels, products := []string{"negative", "neutral", "positive"}, []string{"lamp", "battery", "bulb", "bike", "door"}
	for i := range in.Len() {
		text := in.Text(i)
		n := count(text)
		out.SetNumber(i, "score", float64(n%10)/10-0.6)
		out.SetString(i, "topic", "delivery")
		out.SetString(i, "label", labels[n%len(labels)])
		out.SetString(i, "language", "en")
		out.SetString(i, "product", products[len(text)%len(products)])
		out.SetNumber(i, "words", float64(n))
		out.SetNumber(i, "urgency", float64(n%4))
		out.SetNumber(i, "confidence", 0.5+float64(n%5)/10)
		out.SetBool(i, "question", strings.Contains(text, "?"))
		out.SetBool(i, "complaint", n%3 == 0)
	}
	return nil
}
