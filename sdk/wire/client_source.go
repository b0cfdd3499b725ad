package wire

import (
	"context"
	"io"
	"sync"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxRecords bounds a source's batch: what our own half can gather (maxPending, one event more, the head), and little enough
// for one message of the log and for a frame of work with all that analyzers add.
const maxRecords = maxPending + sdk.MaxEventBytes + sdk.MaxBatchBytes

// SourceOptions say how a source is opened.
type SourceOptions struct {
	Instance Instance
	// Epoch is the instance's generation.
	Epoch uint64
	// Credits is how many batches may be on their way (default 4).
	Credits int
}

// SourceSession is the hub's half of a source. Next is called by one goroutine, Ack and Drain by any.
type SourceSession struct {
	*session
	credits uint32
	next    uint64 // id the next batch must have

	mu    sync.Mutex // guards stream.Send and limit
	limit uint64     // ids below were granted
}

// OpenSource opens a source in the program behind conn; ctx bounds the opening only. It reads nothing before Start.
func OpenSource(ctx context.Context, conn grpc.ClientConnInterface, o SourceOptions) (*SourceSession, error) {
	s, err := open(ctx, conn, &pb.Open{Kind: pb.Kind_KIND_SOURCE, Epoch: o.Epoch, Instances: toInstances([]Instance{o.Instance})})
	if err != nil {
		return nil, err
	}
	credits := o.Credits
	if credits <= 0 {
		credits = 4
	}
	return &SourceSession{session: s, credits: uint32(credits), next: 1, limit: 1}, nil
}

// Start makes the source read from the last stored position; once asks for an end when all there is was read.
func (s *SourceSession) Start(from sdk.Position, once bool) error {
	s.mu.Lock()
	err := s.stream.Send(&pb.ToPlugin{Frame: &pb.ToPlugin_Start{Start: &pb.Start{Position: from, Once: once}}})
	s.mu.Unlock()
	if err != nil {
		return fromStatus("start", err)
	}
	return s.grant(s.credits)
}

func (s *SourceSession) grant(n uint32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.limit
	s.limit += uint64(n)
	return s.stream.Send(&pb.ToPlugin{Frame: &pb.ToPlugin_Credit{Credit: &pb.Credit{First: first, Count: n}}})
}

// Next returns the next batch and the id to acknowledge it by; io.EOF when the source has ended by itself.
func (s *SourceSession) Next() (*sdk.Records, uint64, error) {
	f, err := s.recv()
	if err != nil {
		return nil, 0, err
	}
	switch f := f.Frame.(type) {
	case *pb.FromPlugin_Done:
		if err := fromError(f.Done.Error); err != nil {
			return nil, 0, err
		}
		return nil, 0, io.EOF
	case *pb.FromPlugin_Emit:
		return s.emitted(f.Emit)
	}
	return nil, 0, protocolError("a source sent %T", f.Frame)
}

func (s *SourceSession) emitted(e *pb.Emit) (*sdk.Records, uint64, error) {
	s.mu.Lock()
	limit := s.limit
	s.mu.Unlock()
	switch {
	case e.Epoch != s.epoch:
		return nil, 0, protocolError("a batch of epoch %d, the instance has %d", e.Epoch, s.epoch)
	case e.Id != s.next:
		return nil, 0, protocolError("batch %d, expected %d", e.Id, s.next)
	case e.Id >= limit:
		return nil, 0, protocolError("batch %d without credit for it", e.Id)
	case len(e.Records) > maxRecords:
		return nil, 0, protocolError("a batch of %d bytes, at most %d are allowed", len(e.Records), maxRecords)
	}
	s.next++
	r, err := sdk.AdoptRecords(e.Records)
	if err != nil {
		return nil, 0, protocolError("%v", err)
	}
	return r, e.Id, nil
}

// Ack tells the source that batch id is durable, or why it is not, and gives it room for one more.
func (s *SourceSession) Ack(id uint64, failed error) error {
	s.mu.Lock()
	err := s.stream.Send(&pb.ToPlugin{Frame: &pb.ToPlugin_Ack{Ack: &pb.Ack{Id: id, Epoch: s.epoch, Error: toError(failed)}}})
	s.mu.Unlock()
	if err != nil || failed != nil {
		return err
	}
	return s.grant(1)
}

// Drain asks the source to stop reading; Next goes on until io.EOF.
func (s *SourceSession) Drain() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream.Send(&pb.ToPlugin{Frame: &pb.ToPlugin_Drain{Drain: &pb.Drain{}}})
}

// Finish lets the plugin close the source, then ends the session; at the latest when ctx ends. Called by the goroutine that
// calls Next, after its io.EOF.
func (s *SourceSession) Finish(ctx context.Context) {
	defer s.Close()
	stop := context.AfterFunc(ctx, s.Close)
	defer stop()
	s.mu.Lock()
	err := s.stream.CloseSend()
	s.mu.Unlock()
	for err == nil {
		_, err = s.recv()
	}
}
