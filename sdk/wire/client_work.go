package wire

import (
	"context"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Work is a batch for a chain of analyzers or a sink.
type Work struct {
	Records *sdk.Records
	// Events are the ordinals that count; nil means all.
	Events []uint32
	// Additions are those of analyzers before, as encoded.
	Additions [][]byte
	// Attributes are the values of per-event attributes, one list of encoded columns an instance.
	Attributes [][][]byte
}

// count returns the number of events that must be answered for.
func (w *Work) count() int {
	if w.Events == nil {
		return w.Records.Len()
	}
	return len(w.Events)
}

// Answer is what came of one Work.
type Answer struct {
	// Additions of a chain: as encoded and as checked, one an instance; an entry of a skipped analyzer is empty.
	Additions [][]byte
	Added     []*sdk.Added
	// Results of a sink, one an event of the work.
	Results []sdk.Result
}

// WorkSession is the hub's half of a chain or a sink. Its methods are called by one goroutine at a time, except Close.
type WorkSession struct {
	*session
	instances []Instance
	sink      bool
	nextID    uint64
	seenID    atomic.Uint64 // of the newest answer that the caller has waited for
	partial   []byte        // chunks of a state that is on its way in
	stating   *Pending      // whose state that is, or nil; both are used by the receiver alone
	pending   chan *Pending // in the order in which they were sent; read by the receiver
	done      chan struct{} // closed when the receiver has ended

	mu   sync.Mutex // guards err
	err  error
	wait sync.WaitGroup
}

const (
	maxInFlight = 64                       // works on their way in one session
	maxWork     = MaxMessageBytes - 64<<10 // bytes of a work, so that it fits a frame
)

// Pending is a work on its way.
type Pending struct {
	session *WorkSession
	id      uint64
	work    *Work // nil for a snapshot or restore
	answer  Answer
	state   []byte
	err     error
	done    chan struct{} // closed by the receiver
}

// OpenChain opens a row of analyzers in the program behind conn; ctx bounds the opening only.
func OpenChain(ctx context.Context, conn grpc.ClientConnInterface, epoch uint64, chain []Instance) (*WorkSession, error) {
	return openWork(ctx, conn, pb.Kind_KIND_ANALYZER, epoch, chain)
}

// OpenSink opens a sink in the program behind conn; ctx bounds the opening only.
func OpenSink(ctx context.Context, conn grpc.ClientConnInterface, epoch uint64, sink Instance) (*WorkSession, error) {
	return openWork(ctx, conn, pb.Kind_KIND_SINK, epoch, []Instance{sink})
}

func openWork(ctx context.Context, conn grpc.ClientConnInterface, kind pb.Kind, epoch uint64, list []Instance) (*WorkSession, error) {
	s, err := open(ctx, conn, &pb.Open{Kind: kind, Epoch: epoch, Instances: toInstances(list)})
	if err != nil {
		return nil, err
	}
	w := &WorkSession{session: s, instances: list, sink: kind == pb.Kind_KIND_SINK,
		pending: make(chan *Pending, maxInFlight), done: make(chan struct{})}
	w.wait.Go(w.receive)
	return w, nil
}

// Submit sends a work and returns at once; answers come in the order of the works. A work of no events (Events empty, not
// nil) is refused, since on the wire it would mean all; one too large for a message has code exhausted. Both leave the
// session as it was.
func (s *WorkSession) Submit(w *Work) (*Pending, error) {
	if w.count() == 0 {
		return nil, sdk.Errorf(sdk.Invalid, "a work without events")
	}
	f := &pb.Work{Epoch: s.epoch, Seen: s.seenID.Load(), Records: w.Records.Bytes(), Events: w.Events, Additions: w.Additions}
	for _, columns := range w.Attributes {
		f.Attributes = append(f.Attributes, &pb.Columns{Columns: columns})
	}
	if n := sizeOfWork(f); n > maxWork {
		return nil, sdk.Errorf(sdk.Exhausted, "a work of %d bytes with what was added before, at most %d are allowed: halve the batch", n, maxWork)
	}
	return s.submit(&Pending{work: w}, func(id uint64) *pb.ToPlugin {
		f.Id = id
		return &pb.ToPlugin{Frame: &pb.ToPlugin_Work{Work: f}}
	})
}

func (s *WorkSession) submit(p *Pending, frame func(id uint64) *pb.ToPlugin) (*Pending, error) {
	s.nextID++
	p.session, p.id, p.done = s, s.nextID, make(chan struct{})
	select {
	case <-s.done: // looked at alone first: of two ways that are open, the one below takes any
		return nil, s.failure()
	default:
	}
	select {
	case s.pending <- p:
	case <-s.done:
		return nil, s.failure()
	}
	if err := s.stream.Send(frame(p.id)); err != nil {
		<-s.done // the receiver knows the reason
		return nil, s.failure()
	}
	select {
	case <-s.done: // the receiver may have looked for the last time before p was there; if it answered p, that stands
		s.failPending()
	default:
	}
	return p, nil
}

// failPending gives up what nobody will answer any more. Called once the session has ended.
func (s *WorkSession) failPending() {
	for {
		select {
		case p := <-s.pending:
			p.err = s.failure()
			close(p.done)
		default:
			return
		}
	}
}

// answerSeen notes the newest answer that a caller has waited for; callers may wait in any order.
func (s *WorkSession) answerSeen(id uint64) {
	for old := s.seenID.Load(); id > old && !s.seenID.CompareAndSwap(old, id); old = s.seenID.Load() {
	}
}

func (s *WorkSession) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Done is closed when Wait will not block any more.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait returns the answer to the work, or the reason why there is none. An error with code Unavailable may also mean that
// the session has ended.
func (p *Pending) Wait(ctx context.Context) (Answer, error) {
	select {
	case <-p.done:
		p.session.answerSeen(p.id)
		return p.answer, p.err
	case <-ctx.Done():
		return Answer{}, sdk.Errorf(sdk.Unavailable, "no answer in time: %w", ctx.Err())
	}
}

// Done is closed when the session has ended; Err says why.
func (s *WorkSession) Done() <-chan struct{} { return s.done }

// Err returns why the session ended, nil while it runs.
func (s *WorkSession) Err() error { return s.failure() }

// Close ends the session at once and returns when nothing of it runs any more.
func (s *WorkSession) Close() {
	s.session.Close()
	s.wait.Wait()
}

// Finish lets the plugin answer what it has and close its components, then ends the session; at the latest when ctx ends.
func (s *WorkSession) Finish(ctx context.Context) {
	if s.CloseSend() == nil {
		select {
		case <-s.done:
		case <-ctx.Done():
		}
	}
	s.Close()
}

// CloseSend tells the plugin that no work follows: it answers what it has and closes its components.
func (s *WorkSession) CloseSend() error { return s.stream.CloseSend() }
