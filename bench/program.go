package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// program is the benchmark's own plugin: a source whose events tell when they were made, an analyzer that reads every text,
// and a sink that notes when they arrive.
func program() sdk.Program {
	clock := sdk.NewSource("clock", "Events at a steady rate, each with the time it was made.",
		func(_ context.Context, c clockConfig) (sdk.Source, error) { return clock{c}, nil })
	clock.Finite = true
	return sdk.Program{Name: "bench", Version: "0.1.0", Sources: []sdk.SourceSpec{clock},
		Analyzers: []sdk.AnalyzerSpec{sdk.NewAnalyzer("words", "Counts the words of the text.", []sdk.Field{{Name: "count", Kind: sdk.Number}},
			func(context.Context, struct{}) (sdk.Analyzer, error) { return words{}, nil })},
		Sinks: []sdk.SinkSpec{sdk.NewSink("meter", "Counts what arrives and how long it took.", sdk.NoKey,
			func(_ context.Context, c meterConfig) (sdk.Sink, error) { return &meter{config: c}, nil })},
	}
}

type clockConfig struct {
	Count int `pintle:"count" doc:"How many events."`
	Rate  int `pintle:"rate" default:"1000" doc:"Events a second."`
}

type clock struct{ clockConfig }

func (c clock) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	next, _ := strconv.Atoi(string(from))
	text := strings.Repeat("slow refund again ", 14)
	tick := time.NewTicker(time.Second / time.Duration(c.Rate))
	defer tick.Stop()
	for ; next < c.Count; next++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		e := sdk.Event{ID: "c" + strconv.Itoa(next), Key: strconv.Itoa(next % 100), Time: time.Now(), Feedback: &sdk.Feedback{Text: text}}
		if err := out.Send(ctx, sdk.Position(strconv.Itoa(next+1)), e); err != nil {
			return err
		}
	}
	return nil
}

type words struct{}

func (words) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		n, inside := 0, false
		for _, b := range []byte(in.Text(i)) {
			letter := b > ' '
			if letter && !inside {
				n++
			}
			inside = letter
		}
		out.SetNumber(i, "count", float64(n))
	}
	return nil
}

type meterConfig struct {
	File    string `pintle:"file,required" doc:"Where to write what was measured."`
	Latency bool   `pintle:"latency" doc:"Measure each event's age."`
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
	P50, P99 float64
}

func (m *meter) Write(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) {
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
	return in.Results(), nil
}

// Close writes what was measured.
func (m *meter) Close() error {
	if len(m.ages) > 0 {
		slices.Sort(m.ages)
		m.sum.P50, m.sum.P99 = m.ages[len(m.ages)/2], m.ages[len(m.ages)*99/100]
	}
	b, err := json.Marshal(m.sum)
	if err != nil {
		return err
	}
	return os.WriteFile(m.config.File, b, 0o600)
}
