package text_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/sdk"
)

// specOf returns an analyzer of the program.
func specOf(t testing.TB, typ string) sdk.AnalyzerSpec {
	t.Helper()
	for _, spec := range text.Program().Analyzers {
		if spec.Type == typ {
			return spec
		}
	}
	t.Fatalf("the program has no analyzer %q", typ)
	return sdk.AnalyzerSpec{}
}

// analyzer opens an analyzer of the program with a JSON configuration.
func analyzer(t testing.TB, typ, config string) sdk.Analyzer {
	t.Helper()
	a, err := specOf(t, typ).Open(context.Background(), []byte(config))
	if err != nil {
		t.Fatalf("open %s: %v", typ, err)
	}
	return a
}

// posts makes record batches of texts, at most 512 events each.
func posts(t testing.TB, texts []string) []*sdk.Batch {
	t.Helper()
	var batches []*sdk.Batch
	for len(texts) > 0 {
		n := min(len(texts), 512)
		events := make([]sdk.Event, n)
		for i, s := range texts[:n] {
			events[i] = sdk.Event{ID: fmt.Sprint("e", i), Time: time.Unix(1, 0), Feedback: &sdk.Feedback{Text: s}}
		}
		b, err := sdk.BatchOf(events...)
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
		texts = texts[n:]
	}
	return batches
}

// run analyzes the batches and returns one field for each event, in order.
func run(t testing.TB, a sdk.Analyzer, batches []*sdk.Batch, fields ...string) [][]sdk.Value {
	t.Helper()
	all := make([][]sdk.Value, len(fields))
	for _, b := range batches {
		added := analyze(t, a, b)
		for f, field := range fields {
			for i := range b.Len() {
				all[f] = append(all[f], added.Value(i, field))
			}
		}
	}
	return all
}

func analyze(t testing.TB, a sdk.Analyzer, b *sdk.Batch) *sdk.Added {
	t.Helper()
	out := &sdk.Additions{Analyzer: "it"}
	out.Reset(b)
	if err := a.Analyze(context.Background(), b, out); err != nil {
		t.Fatal(err)
	}
	enc, err := out.Encode()
	if err != nil {
		t.Fatal(err)
	}
	added, err := sdk.ParseAdditions(enc, b.Len())
	if err != nil {
		t.Fatal(err)
	}
	return added
}
