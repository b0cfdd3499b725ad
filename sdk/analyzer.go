package sdk

import "context"

// Analyzer finds out something about events.
type Analyzer interface {
	// Analyze reads the batch and adds what it found. It never changes the events. The batch and the additions are only
	// valid until it returns. Called by one goroutine at a time, batches in the order of the log. An error concerns the
	// whole batch: the hub tries again, then halves the batch until it knows which event is at fault.
	//
	// For the same batches it must add the same things: after a crash the hub replays them.
	Analyze(ctx context.Context, in *Batch, out *Additions) error
}

// Stateful is an analyzer whose answers depend on earlier batches. Declare it with AnalyzerSpec.Stateful. The hub saves a
// snapshot from time to time; after a crash it restores the newest one and replays the batches since, discarding the
// additions it has stored already. What it adds must follow from the events alone: no clock, no random numbers, no map order.
type Stateful interface {
	Analyzer
	// Snapshot returns the whole state (at most MaxSnapshot bytes). Never called while Analyze runs.
	Snapshot(ctx context.Context) ([]byte, error)
	// Restore replaces the state by a snapshot of the same or an older version of this plugin.
	Restore(ctx context.Context, snapshot []byte) error
}

// Modelled is an analyzer whose answers come from a model. sdk/wire puts the model's name into the provenance of what it adds, as
// build metadata of the version: 0.1.0+4f2a90c1d3e7.
type Modelled interface {
	Analyzer
	// Model returns a short hash of the model (letters and digits). Called once, after Open.
	Model() string
}

// EachEvent returns the analyzer that calls add for one event after the other. It is for those whose answer for an event
// depends on that event alone; add is called with the place i of the event in the batch.
func EachEvent(add func(in *Batch, i int, out *Additions)) Analyzer { return eachEvent(add) }

type eachEvent func(in *Batch, i int, out *Additions)

func (add eachEvent) Analyze(ctx context.Context, in *Batch, out *Additions) error {
	for i := range in.Len() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		add(in, i, out)
	}
	return nil
}
