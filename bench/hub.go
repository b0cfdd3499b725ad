package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk"
)

// plan writes the case's configuration into its folder and loads it.
func (s *setup) plan() (*config.Plan, error) {
	text, err := s.config()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "bench.hcl"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	plan, d := config.Load(config.Options{Paths: []string{s.Dir}, Programs: []sdk.Program{program(), generate.Program()}})
	if d.HasErrors() {
		return nil, d
	}
	return plan, nil
}

// open opens a hub as "pintle run" does.
func (s *setup) open(ctx context.Context, untilIdle bool) (*hub.Hub, error) {
	plan, err := s.plan()
	if err != nil {
		return nil, err
	}
	return hub.Open(ctx, hub.Options{Plan: plan, UntilIdle: untilIdle, Bundled: bundled, Drain: time.Second,
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn})})
}

// wholeWayOf runs the hub as it is: embedded log, fsync before every acknowledgement.
func wholeWayOf(ctx context.Context, s *setup, f *Figures) error {
	began := time.Now()
	h, err := s.open(ctx, s.Slow == 0)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	watched := make(chan error, 1)
	go func() { watched <- s.watch(running, h, f, stop) }()
	err = h.Run(running)
	own := cpuSeconds(false)
	stop()
	err = errors.Join(err, <-watched)
	status := h.Status(ctx)
	if err = errors.Join(err, h.Close()); err != nil {
		return err
	}
	if err := s.check(status); err != nil {
		return err
	}
	if size := s.eventSize(); size > 0 {
		f.Values[storedTimes] = stored(status.Log) / float64(s.Events) / size
	}
	if s.delivered() == 0 {
		return nil
	}
	if err := s.take(f, began); err != nil {
		return err
	}
	f.Values[cpuPerMillion] = cpuSeconds(true) / float64(s.Events) * 1e6
	f.Values[hubPerMillion] = own / float64(s.Events) * 1e6
	return nil
}

// check compares the books with what must have happened. With a slow sink the run ends before its end.
func (s *setup) check(status hub.Status) error {
	b := status.Books
	if !b.Balanced() || s.Slow == 0 && (b.Delivered != uint64(s.delivered()) || b.Accepted != uint64(s.Events+s.Backlog)) {
		return fmt.Errorf("the books do not balance or are short: %+v", b)
	}
	return nil
}

// eventSize is what an event of the source takes in a batch, 0 where it is not fixed.
func (s *setup) eventSize() float64 {
	switch s.Source {
	case "generate":
		return 300 // its default
	case "survey":
		return surveySize
	}
	return 0
}

// stored is how many bytes the log has taken for events, what was trimmed since included.
func stored(log broker.Status) float64 {
	var sum float64
	for _, stream := range log.Streams {
		if stream.Messages == 0 || stream.Stream == broker.Checkpoints || stream.Stream == broker.States {
			continue // those two replace what they hold
		}
		sum += float64(stream.Bytes) / float64(stream.Messages) * float64(stream.Last)
	}
	return sum
}

// take reads what the sinks measured; a slow one is left out. The clock runs from the first event's arrival to the last one's.
func (s *setup) take(f *Figures, began time.Time) error {
	var seconds, first float64
	quick := s.Sinks
	if s.Slow > 0 {
		quick--
	}
	for i := range quick {
		m, err := s.measured(i + 1)
		if err != nil {
			return err
		}
		if m.Events != s.delivered() {
			return fmt.Errorf("sink %d saw %d events of %d", i+1, m.Events, s.delivered())
		}
		seconds = max(seconds, m.Last.Sub(m.First).Seconds())
		first = max(first, m.First.Sub(began).Seconds()*1000)
		if s.Latency {
			f.raise(p50MS, m.P50)
			f.raise(p99MS, m.P99)
		}
	}
	n := float64(s.Events + s.Backlog)
	f.Values[perSecond], f.Values[nsPerOp] = n/seconds, seconds*1e9/n
	f.Values[firstMS] = first
	return nil
}

// measured reads the file of sink number i.
func (s *setup) measured(i int) (measured, error) {
	var m measured
	b, err := os.ReadFile(filepath.Join(s.Dir, measuredFile(i)))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

const watchEvery = 100 * time.Millisecond

// watch notes the most memory that the hub and its plugins hold, until ctx ends. With a slow sink it calls stop once the
// others have everything.
func (s *setup) watch(ctx context.Context, h *hub.Hub, f *Figures, stop func()) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var all []plugin
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !started(all) {
			all = plugins(h.Status(ctx))
		}
		for _, p := range all {
			if _, most, err := memory(p.pid); err == nil { // it may have ended
				f.raise(p.unit, most)
			}
		}
		_, most, err := memory(os.Getpid())
		if err != nil {
			return err
		}
		f.raise(hubMB, most)
		if s.Slow > 0 && s.othersDone() {
			stop()
		}
	}
}

// othersDone reports whether all sinks but the last have everything.
func (s *setup) othersDone() bool {
	for i := range s.Sinks - 1 {
		if _, err := os.Stat(filepath.Join(s.Dir, measuredFile(i+1))); err != nil {
			return false
		}
	}
	return true
}

// plugin is one plugin's process and the unit of its memory.
type plugin struct {
	pid  int
	unit string
}

// started reports whether all plugins run.
func started(all []plugin) bool {
	for _, p := range all {
		if p.pid == 0 {
			return false
		}
	}
	return len(all) > 0
}

// plugins lists the plugin processes of a hub.
func plugins(s hub.Status) []plugin {
	var all []plugin
	for _, x := range s.Sources {
		all = append(all, plugin{int(x.Pid), sourceMB})
	}
	for _, p := range s.Pipelines {
		for _, x := range p.Hops {
			all = append(all, plugin{int(x.Pid), analyzerMB})
		}
		for _, x := range p.Sinks {
			all = append(all, plugin{int(x.Pid), sinkMB})
		}
	}
	return all
}
