package wire

import (
	"context"
	"io"
	"sync"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxQueued is how many frames of work a plugin holds; beyond that the hub's stream waits.
const maxQueued = 32

// receiveWork hands the hub's frames to handle, one at a time and in order, in a goroutine of its own: the stream is read on
// while the plugin's code works, so that the end of the stream is seen at once.
func receiveWork(ctx context.Context, stream pb.Plugin_RunServer, handle func(context.Context, *pb.ToPlugin) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan *pb.ToPlugin, maxQueued) // closed here, read by the worker
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		for in := range queue {
			if failed == nil {
				failed = handle(ctx, in)
			}
			if failed != nil {
				cancel()
			}
		}
	})
	err := readWork(ctx, stream, queue)
	close(queue)
	if err != nil {
		cancel()
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return err
}

func readWork(ctx context.Context, stream pb.Plugin_RunServer, queue chan<- *pb.ToPlugin) error {
	for {
		in, err := stream.Recv()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		select {
		case queue <- in:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// batchOf checks a frame of work and makes the batch for one instance of it.
func batchOf(w *pb.Work, instance int, r *sdk.Records, sel []uint32, added []*sdk.Added) (*sdk.Batch, error) {
	var attrs []*sdk.Values
	if instance < len(w.Attributes) {
		for _, c := range w.Attributes[instance].Columns {
			v, err := sdk.ParseColumn(c, r.Len())
			if err != nil {
				return nil, err
			}
			attrs = append(attrs, v)
		}
	}
	return sdk.NewBatch(r, sel, added, attrs), nil
}

// parseWork reads the parts of a frame that all instances share.
func parseWork(w *pb.Work) (*sdk.Records, []uint32, []*sdk.Added, error) {
	r, err := sdk.ParseRecords(w.Records)
	if err != nil {
		return nil, nil, nil, err
	}
	last := -1
	for _, i := range w.Events {
		if int(i) <= last || int(i) >= r.Len() {
			return nil, nil, nil, sdk.Errorf(sdk.Invalid, "work names event %d of %d out of order", i, r.Len())
		}
		last = int(i)
	}
	sel := w.Events
	if len(sel) == 0 {
		sel = nil
	}
	var added []*sdk.Added
	for _, b := range w.Additions {
		a, err := sdk.ParseAdditions(b, r.Len())
		if err != nil {
			return nil, nil, nil, err
		}
		added = append(added, a)
	}
	return r, sel, added, nil
}
