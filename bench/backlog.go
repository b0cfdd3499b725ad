package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk"
)

// workOff measures what it costs a hub to start, to work off a backlog of events that were stored but never analysed, and to
// stop. The backlog is written by another process, in batches as full as they are under load.
func workOff(ctx context.Context, s *setup, f *Figures) error {
	if s.Backlog > 0 {
		cmd, err := caseCommand(ctx, s.as(s.Name, kindFill))
		if err != nil {
			return err
		}
		began := time.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("write the backlog: %w", err)
		}
		f.Values[fillMS] = time.Since(began).Seconds() * 1000
	}
	before := cpuSeconds(true) // that of the writer
	if err := s.profiled(func() error { return wholeWayOf(ctx, s, f) }); err != nil {
		return err
	}
	f.Values[cpuSecs] = cpuSeconds(true) - before
	delete(f.Values, cpuPerMillion)
	delete(f.Values, hubPerMillion)
	return nil
}

// fillLog writes the backlog.
func fillLog(ctx context.Context, s *setup) (err error) {
	plan, err := s.plan()
	if err != nil {
		return err
	}
	log, err := hub.OpenLog(ctx, plan.Settings, hclog.NewNullLogger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(ctx)) }()
	address := plan.Pipelines[0].From[0].Address()
	w, err := log.Writer(ctx, broker.Events, flow.SourceSubject(address))
	if err != nil {
		return err
	}
	source, err := generate.Source().Open(ctx, fmt.Appendf(nil, `{"count":%d}`, s.Backlog))
	if err != nil {
		return err
	}
	to := &filler{address: address, writer: w}
	if err := source.Run(ctx, nil, to); err != nil {
		return err
	}
	return to.flush(ctx)
}

// filler is an emitter that writes to the log as the hub's source pump does, in full batches only.
type filler struct {
	address string
	writer  *broker.Writer
	builder sdk.Builder
	total   uint64
}

// Send implements sdk.Emitter.
func (l *filler) Send(ctx context.Context, _ sdk.Position, events ...sdk.Event) error {
	for i := range events {
		if err := l.builder.Add(&events[i]); err != nil {
			return err
		}
		if l.builder.Full() {
			if err := l.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// Emit implements sdk.Emitter.
func (l *filler) Emit(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return l.Send(ctx, at, events...)
}

// flush writes what has come, without a position: the source of the measured run starts where it likes.
func (l *filler) flush(ctx context.Context) error {
	if l.builder.Len() == 0 {
		return nil
	}
	r, err := l.builder.Records(nil)
	if err != nil {
		return err
	}
	l.total += uint64(r.Len())
	h := r.Head
	h.Source, h.Recorded, h.Total = l.address, time.Now().UTC(), l.total
	_, err = l.writer.Append(ctx, r.Stamp(h).Bytes())
	return err
}

// restart fills a hub's log while its sink takes nothing, kills the hub with kill -9 in the midst of it, and measures how long
// another one needs from its start to the first event at the sink.
func restart(ctx context.Context, s *setup, f *Figures) error {
	total, err := s.fillAndKill(ctx)
	if err != nil {
		return err
	}
	awake := *s
	awake.Stuck = 0
	began := time.Now()
	h, err := awake.open(ctx, false)
	if err != nil {
		return err
	}
	if err := h.Prepare(ctx); err != nil {
		return errors.Join(err, h.Close())
	}
	f.Values[readyMS] = time.Since(began).Seconds() * 1000
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.Run(running) }()
	err = awaitDelivery(ctx, h)
	f.Values[firstMS] = time.Since(began).Seconds() * 1000
	status := h.Status(ctx)
	stop()
	if err = errors.Join(err, <-ended, h.Close()); err != nil {
		return err
	}
	if got := status.Sources[0].Total; got < total {
		return fmt.Errorf("%d events were in the log before the kill, %d are after it", total, got)
	}
	f.Values[storedEvents] = float64(status.Sources[0].Total)
	return nil
}

// fillAndKill returns how many events the log had at least when the hub was killed.
func (s *setup) fillAndKill(ctx context.Context) (total uint64, err error) {
	ctx, cancel := context.WithCancel(ctx) // ends it with kill -9
	defer cancel()
	cmd, err := caseCommand(ctx, s.as(s.Name, kindStuck))
	if err != nil {
		return 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_, err = fmt.Fscan(out, &total)
	cancel()
	_ = cmd.Wait() // it was killed
	if err != nil {
		return 0, fmt.Errorf("the hub that fills the log ended by itself: %w", err)
	}
	return total, nil
}

// stuck runs a hub whose sink takes nothing, prints how many events its log holds once they are enough, and goes on.
func stuck(ctx context.Context, s *setup) error {
	h, err := s.open(ctx, false)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	for told := false; ; {
		select {
		case err := <-ended:
			return errors.Join(err, h.Close())
		case <-time.After(watchEvery):
		}
		status := h.Status(ctx)
		if total := status.Sources[0].Total; !told && total >= uint64(s.Backlog) {
			told = true
			if _, err := fmt.Fprintln(os.Stdout, total); err != nil {
				return err
			}
		}
	}
}

// awaitDelivery returns once the sink has taken an event.
func awaitDelivery(ctx context.Context, h *hub.Hub) error {
	late := time.Now().Add(time.Minute)
	for time.Now().Before(late) {
		if h.Status(ctx).Pipelines[0].Sinks[0].Delivered > 0 {
			return nil
		}
		pause(ctx, 5*time.Millisecond)
	}
	return errors.New("no event was delivered within a minute of the start")
}
