package sqlsink_test

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// BenchmarkWrite writes batches of 512 rows with the columns of the quickstart.
func BenchmarkWrite(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			db := map[string]func(testing.TB) database{"sqlite": sqliteDatabase, "postgres": postgresDatabase}[kind](b)
			columns := []string{"id", "channel", "said_at", "author", "title", "text", "product", "stars", "lang", "mood", "score", "topic"}
			s := db.sink(b, columns, nil)
			n := 0
			for b.Loop() {
				b.StopTimer()
				in := batch(b, posts(n, n+512)...)
				b.StartTimer()
				if _, err := s.Write(context.Background(), in); err != nil {
					b.Fatal(err)
				}
				n += 512
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// posts makes the rows of the events p<from> to p<to-1>.
func posts(from, to int) []cells {
	var lines []cells
	for i := from; i < to; i++ {
		lines = append(lines, cells{
			"id": fmt.Sprintf("p%07d", i), "channel": "source.file.posts", "said_at": time.Unix(int64(i), 0).UTC().Format(time.RFC3339),
			"author": fmt.Sprint("user", i%97), "text": fmt.Sprintf("post number %d: the money has not come back yet, and nobody answers the telephone", i),
			"stars": i % 5, "lang": "en", "mood": "negative", "score": -0.5, "topic": "refund",
		})
	}
	return lines
}
