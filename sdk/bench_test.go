package sdk_test

import (
	"fmt"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// One operation is a batch of 512 events of about 300 bytes, the size the hub works with under load.
const benchEvents = 512

func benchBatch(b *testing.B) []sdk.Event {
	events := make([]sdk.Event, benchEvents)
	for i := range events {
		e := said(fmt.Sprintf("fb_%032d", i), "The parcel came two days late again and nobody answers the phone. I would like to know when my refund arrives.")
		e.Feedback.Author = sdk.Author{ID: fmt.Sprintf("author-%d", i%97), Platform: "mastodon", Handle: "someone@mastodon.example"}
		e.Feedback.Native = sdk.Native{Platform: "mastodon", Instance: "mastodon.example", ID: fmt.Sprint(i)}
		e.Feedback.URL = "https://mastodon.example/@someone/1234567890"
		e.Feedback.Rating = &sdk.Rating{Value: float64(i % 5), Best: 5, Worst: 1}
		events[i] = e
	}
	return events
}

func perEvent(b *testing.B, bytes int) {
	b.ReportAllocs()
	b.SetBytes(int64(bytes))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEvents, "ns/event")
}

func BenchmarkEncodeRecords(b *testing.B) {
	events := benchBatch(b)
	var builder sdk.Builder
	n := 0
	for b.Loop() {
		for i := range events {
			if err := builder.Add(&events[i]); err != nil {
				b.Fatal(err)
			}
		}
		r, err := builder.Records(nil)
		if err != nil {
			b.Fatal(err)
		}
		n = len(r.Bytes())
	}
	perEvent(b, n)
}

func benchRecords(b *testing.B) *sdk.Records {
	var builder sdk.Builder
	for _, e := range benchBatch(b) {
		if err := builder.Add(&e); err != nil {
			b.Fatal(err)
		}
	}
	r, err := builder.Records(nil)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func BenchmarkParseRecords(b *testing.B) {
	raw := benchRecords(b).Bytes()
	for b.Loop() {
		if _, err := sdk.ParseRecords(raw); err != nil {
			b.Fatal(err)
		}
	}
	perEvent(b, len(raw))
}

func BenchmarkStamp(b *testing.B) {
	r := benchRecords(b)
	for b.Loop() {
		r.Stamp(r.Head)
	}
	perEvent(b, len(r.Bytes()))
}

func BenchmarkDecodeEvents(b *testing.B) {
	r := benchRecords(b)
	for b.Loop() {
		batch := sdk.NewBatch(r, nil, nil, nil)
		for i := range batch.Len() {
			batch.Event(i)
		}
	}
	perEvent(b, len(r.Bytes()))
}

func BenchmarkText(b *testing.B) {
	r := benchRecords(b)
	for b.Loop() {
		batch := sdk.NewBatch(r, nil, nil, nil)
		for i := range batch.Len() {
			batch.Text(i)
		}
	}
	perEvent(b, len(r.Bytes()))
}

func BenchmarkViewGet(b *testing.B) {
	r := benchRecords(b)
	for _, path := range [][]string{{"text"}, {"author", "handle"}, {"rating", "value"}, {"id"}} {
		ref, err := sdk.ResolveRef("event", path)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(path), func(b *testing.B) {
			var v sdk.View
			for b.Loop() {
				for i := range r.Len() {
					v.Reset(r, i, nil)
					v.Get(&ref)
				}
			}
			perEvent(b, len(r.Bytes()))
		})
	}
}

func fill(out *sdk.Additions, in *sdk.Batch) ([]byte, error) {
	labels := [...]string{"negative", "neutral", "positive"}
	out.Reset(in)
	for i := range in.Len() {
		out.SetString(i, "label", labels[i%3])
		out.SetNumber(i, "score", float64(i)/benchEvents)
	}
	return out.Encode()
}

func BenchmarkEncodeAdditions(b *testing.B) {
	in, out := sdk.NewBatch(benchRecords(b), nil, nil, nil), &sdk.Additions{Analyzer: "mood"}
	n := 0
	for b.Loop() {
		raw, err := fill(out, in)
		if err != nil {
			b.Fatal(err)
		}
		n = len(raw)
	}
	perEvent(b, n)
}

func BenchmarkParseAdditions(b *testing.B) {
	raw, err := fill(&sdk.Additions{Analyzer: "mood"}, sdk.NewBatch(benchRecords(b), nil, nil, nil))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := sdk.ParseAdditions(raw, benchEvents); err != nil {
			b.Fatal(err)
		}
	}
	perEvent(b, len(raw))
}
