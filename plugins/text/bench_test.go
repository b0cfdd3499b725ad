package text_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// sentences are posts of usual length, for benchmarks.
func sentences() []string {
	return []string{
		"@tarnwheel day 26 of waiting for my refund. the bike went back in april, is anyone awake in finance?? this is ridiculous",
		"Exactly what I hoped for. Light enough for the cellar stairs, quiet, and the colour is gorgeous.",
		"Der Akku ist nach zwei Wochen aus dem Rahmen gefallen, der Riegel ist gebrochen. Sehr enttäuscht von der Qualität.",
		"La facture est incompréhensible et le service client ne répond jamais, je ne recommande pas du tout.",
		"El pedido llegó tarde y la caja estaba rota, pero el equipo fue muy amable y lo resolvió en un día 😊",
		"first ride of the year, legs say no, heart says yes 🚲☀️ https://example.org/p/123",
		"Why can't I sign in? The app logged me out and now my password doesn't work :(",
		"Nothing to complain about, parcel was on time and the lamp is bright.",
	}
}

func manyPosts(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = sentences()[i%len(sentences())]
	}
	return list
}

func bench(b *testing.B, a sdk.Analyzer, batch *sdk.Batch) {
	out := &sdk.Additions{Analyzer: "it"}
	for b.Loop() {
		out.Reset(batch)
		if err := a.Analyze(context.Background(), batch, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch.Len()*b.N)/b.Elapsed().Seconds(), "posts/s")
}

func BenchmarkLanguage(b *testing.B) {
	bench(b, analyzer(b, "language", ``), posts(b, manyPosts(512))[0])
}

func BenchmarkSentiment(b *testing.B) {
	bench(b, analyzer(b, "sentiment", ``), posts(b, manyPosts(512))[0])
}

func BenchmarkKeywords(b *testing.B) {
	bench(b, analyzer(b, "keywords", quickstartRules()), posts(b, manyPosts(512))[0])
}

// BenchmarkTrend counts new batches, as the hub gives them: 50 groups, many people, time goes on.
func BenchmarkTrend(b *testing.B) {
	a := openTrend(b, `, "window": "1h"`)
	out := &sdk.Additions{Analyzer: "it"}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		list := make([]said, 512)
		for i := range list {
			k := n*512 + i
			list[i] = said{at: time.Duration(k) * 10 * time.Millisecond, who: fmt.Sprint("u", k*7919%20011), group: fmt.Sprint("topic", k%50)}
		}
		batch := batchOf(b, n*512, list)
		b.StartTimer()
		out.Reset(batch)
		if err := a.Analyze(context.Background(), batch, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(512*b.N)/b.Elapsed().Seconds(), "events/s")
}
