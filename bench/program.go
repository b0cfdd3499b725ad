package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// program is the benchmark's own plugin: sources of events, analyzers that read or add, and a sink that measures.
func program() sdk.Program {
	clock := sdk.NewSource("clock", "Events at a steady rate, each with the time it was due.",
		func(_ context.Context, c clockConfig) (sdk.Source, error) { return clock{c}, nil })
	clock.Finite = true
	survey := sdk.NewSource("survey", "Structured events of 1 KB.",
		func(_ context.Context, c surveyConfig) (sdk.Source, error) { return newSurvey(c.Count), nil })
	survey.Finite = true
	quiet := sdk.NewSource("quiet", "Waits, and has nothing to say.",
		func(context.Context, struct{}) (sdk.Source, error) { return quiet{}, nil })
	return sdk.Program{Name: "bench", Version: "0.1.0", Sources: []sdk.SourceSpec{clock, survey, quiet},
		Analyzers: []sdk.AnalyzerSpec{
			sdk.NewAnalyzer("words", "Counts the words of the text.", []sdk.Field{{Name: "count", Kind: sdk.Number}},
				func(context.Context, struct{}) (sdk.Analyzer, error) { return words{}, nil }),
			sdk.NewAnalyzer("facts", "Adds ten annotations.", factFields(),
				func(context.Context, struct{}) (sdk.Analyzer, error) { return facts{}, nil }),
		},
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
	began, interval := time.Now(), time.Second/time.Duration(c.Rate)
	for made := 0; next < c.Count; made++ {
		due := began.Add(time.Duration(made) * interval)
		pause(ctx, time.Until(due))
		if ctx.Err() != nil {
			return nil
		}
		// An event is as old as it was due, so that one that had to wait for the log counts the wait.
		e := sdk.Event{ID: "c" + strconv.Itoa(next), Key: strconv.Itoa(next % 100), Time: due, Feedback: &sdk.Feedback{Text: text}}
		next++
		if err := out.Send(ctx, sdk.Position(strconv.Itoa(next)), e); err != nil {
			return err
		}
	}
	return nil
}

type quiet struct{}

func (quiet) Run(ctx context.Context, _ sdk.Position, _ sdk.Emitter) error {
	<-ctx.Done()
	return nil
}

type words struct{}

func (words) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		out.SetNumber(i, "count", float64(count(in.Text(i))))
	}
	return nil
}

// count returns the number of words.
func count(text string) int {
	n, inside := 0, false
	for _, b := range []byte(text) {
		letter := b > ' '
		if letter && !inside {
			n++
		}
		inside = letter
	}
	return n
}
