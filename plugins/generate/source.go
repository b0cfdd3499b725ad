package generate

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// SourceConfig is the configuration of source "generate".
type SourceConfig struct {
	Count int      `pintle:"count" min:"0" doc:"How many events there are. 0: no end."`
	Rate  float64  `pintle:"rate" min:"0" doc:"Events a second. 0: as fast as the hub takes them."`
	Size  sdk.Size `pintle:"size" default:"300" min:"128" max:"64KiB" doc:"Bytes of an event as the hub stores it."`
	Keys  int      `pintle:"keys" default:"1000" min:"1" max:"10000" doc:"How many authors there are; the author is the key that orders."`
	Start string   `pintle:"start" default:"2026-01-01T00:00:00Z" doc:"Time of the first event, in RFC 3339. Each further one is a millisecond later."`
}

const (
	batchEvents = 512
	slowest     = 0.001 // events a second
)

// Source declares source "generate".
func Source() sdk.SourceSpec {
	s := sdk.NewSource("generate", "Makes numbered events with invented text, the same in every run.", openSource)
	s.Finite = true
	return s
}

// source makes events from their numbers; it keeps nothing of a run.
type source struct {
	config SourceConfig
	start  time.Time
	texts  []string
	names  []string // of authors
}

func openSource(_ context.Context, c SourceConfig) (sdk.Source, error) {
	start, err := time.Parse(time.RFC3339, c.Start)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "start %q is not a time; write it as in \"2026-01-01T00:00:00Z\"", c.Start)
	}
	if c.Rate < 0 || c.Rate > 0 && c.Rate < slowest {
		return nil, sdk.Errorf(sdk.Invalid, "rate %g: want %g events a second or more, or 0 for as many as possible", c.Rate, slowest)
	}
	s := &source{config: c, start: start, texts: makeTexts(int(c.Size) - overhead)}
	for i := range c.Keys {
		s.names = append(s.names, string(appendPadded([]byte("u"), i, 4)))
	}
	return s, nil
}

// Run makes events from the number that from holds up to count.
func (s *source) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	next, err := parsePosition(from)
	if err != nil {
		return err
	}
	end := s.config.Count
	if end == 0 {
		end = math.MaxInt
	}
	pace := pace{rate: s.config.Rate, began: time.Now()}
	for next < end {
		n := pace.wait(ctx, min(batchEvents, end-next))
		if ctx.Err() != nil {
			return nil
		}
		events := s.batch(next, n)
		next += n
		if err := out.Send(ctx, sdk.Position(strconv.Itoa(next)), events...); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

func parsePosition(from sdk.Position) (int, error) {
	if len(from) == 0 {
		return 0, nil
	}
	n, err := strconv.Atoi(string(from))
	if err != nil || n < 0 {
		return 0, sdk.Errorf(sdk.Invalid, "the position was not written by source \"generate\": it is not a number")
	}
	return n, nil
}

// pace says how many events are due.
type pace struct {
	rate  float64
	began time.Time
	made  int
}

// wait blocks until at least one event is due, and returns how many are, at most most of them.
func (p *pace) wait(ctx context.Context, most int) int {
	if p.rate <= 0 {
		return most
	}
	at := p.began.Add(time.Duration(float64(p.made+1) / p.rate * float64(time.Second)))
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(at)):
	}
	due := int(time.Since(p.began).Seconds()*p.rate) - p.made
	due = max(1, min(due, most))
	p.made += due
	return due
}
