package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

type meterConfig struct {
	File    string        `pintle:"file,required" doc:"Where to write what was measured."`
	Latency bool          `pintle:"latency" doc:"Measure each event's age."`
	Expect  int           `pintle:"expect" doc:"Write the file when so many events have come, not only at the end. 0: at the end."`
	Pause   time.Duration `pintle:"pause" doc:"How long to wait with each batch."`
}

// meter is a sink that measures.
type meter struct {
	config meterConfig
	sum    measured
	ages   []float64
}

// measured is what the meter writes to its file.
type measured struct {
	Events   int       `json:"events"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	P50, P99 float64   // milliseconds
}

func (m *meter) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	now := time.Now()
	if m.sum.Events == 0 {
		m.sum.First = now
	}
	m.sum.Last = now
	m.sum.Events += in.Len()
	if m.config.Latency {
		for i := range in.Len() {
			m.ages = append(m.ages, float64(now.Sub(in.Event(i).Time).Microseconds())/1000)
		}
	}
	if m.config.Pause > 0 {
		pause(ctx, m.config.Pause)
	}
	if m.sum.Events == m.config.Expect {
		return in.Results(), m.save()
	}
	return in.Results(), nil
}

// Close writes what was measured.
func (m *meter) Close() error { return m.save() }

func (m *meter) save() error {
	slices.Sort(m.ages)
	m.sum.P50, m.sum.P99 = percentile(m.ages, 0.5), percentile(m.ages, 0.99)
	b, err := json.Marshal(m.sum)
	if err != nil {
		return err
	}
	whole := m.config.File + ".part" // who waits for the file must not see half of it
	if err := os.WriteFile(whole, b, 0o600); err != nil {
		return err
	}
	return os.Rename(whole, m.config.File)
}
