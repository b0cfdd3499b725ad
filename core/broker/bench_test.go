//go:build unix

package broker_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

const perBatch = 512 // events of 300 bytes in a record batch

// BenchmarkAppendAndRead moves messages from writers, each on its own subject, to one reader of them all. A message is on
// disk before the next one of its writer is sent.
func BenchmarkAppendAndRead(b *testing.B) {
	for _, c := range []struct{ events, writers int }{{perBatch, 1}, {perBatch, 2}, {perBatch, 4}, {1, 1}, {1, 4}} {
		b.Run(fmt.Sprintf("events=%d/writers=%d", c.events, c.writers), func(b *testing.B) {
			log := open(b, broker.Config{})
			r := read(b, log, broker.ReadOptions{})
			data := make([]byte, c.events*300)
			b.SetBytes(int64(len(data)))
			b.ResetTimer()
			before := cpu(b)
			var wg sync.WaitGroup
			for i := range c.writers {
				wg.Go(func() { appendMany(b, log, fmt.Sprintf("ev.0.s%d", i), data, share(b.N, c.writers, i)) })
			}
			skim(b, r, b.N)
			wg.Wait()
			report(b, b.N*c.events, cpu(b)-before)
		})
	}
}

func share(n, parts, i int) int { return (n + parts - 1 - i) / parts }

func appendMany(b *testing.B, log *broker.Broker, subject string, data []byte, n int) {
	w, err := log.Writer(b.Context(), broker.Events, subject)
	if err != nil {
		b.Error(err)
		return
	}
	for range n {
		if _, err := w.Append(b.Context(), data); err != nil {
			b.Error(err)
			return
		}
	}
}

// BenchmarkRead is the reader's side alone.
func BenchmarkRead(b *testing.B) {
	for _, filter := range [][]string{nil, {"ev.0.a"}} {
		b.Run(fmt.Sprintf("events=%d/filters=%d", perBatch, len(filter)), func(b *testing.B) {
			log := open(b, broker.Config{})
			data := make([]byte, perBatch*300)
			appendMany(b, log, "ev.0.a", data, 500)
			b.SetBytes(int64(len(data)))
			b.ResetTimer()
			before := cpu(b)
			for n := b.N; n > 0; n -= 500 {
				skim(b, read(b, log, broker.ReadOptions{Subjects: filter}), min(n, 500))
			}
			report(b, b.N*perBatch, cpu(b)-before)
		})
	}
}

// BenchmarkGet is what a sink pays to look up the events of an insight.
func BenchmarkGet(b *testing.B) {
	for _, events := range []int{1, perBatch} {
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) {
			log := open(b, broker.Config{})
			appendMany(b, log, "ev.0.a", make([]byte, events*300), 500)
			for i := 0; b.Loop(); i++ {
				if _, err := log.Get(b.Context(), broker.Events, uint64(i*37%500+1)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSaveState saves 8 MiB, two parts.
func BenchmarkSaveState(b *testing.B) {
	log := open(b, broker.Config{})
	data := make([]byte, 8<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := log.SaveState(b.Context(), "p", data); err != nil {
			b.Fatal(err)
		}
	}
}

// cpu is what this process has used so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, events int, used time.Duration) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(used.Seconds()/float64(events)*1e6, "cpu-s/Mevents")
}

// skim reads n messages and looks at none.
func skim(b *testing.B, r *broker.Reader, n int) {
	b.Helper()
	for range n {
		if _, err := r.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
