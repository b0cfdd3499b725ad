package wire

import (
	"slices"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// receive matches answers with works until the stream ends, then fails what is left.
func (s *WorkSession) receive() {
	err := s.receiveAll()
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	s.cancel()
	close(s.done)
	if s.stating != nil {
		s.stating.err = err
		close(s.stating.done)
	}
	s.failPending()
}

func (s *WorkSession) receiveAll() error {
	for {
		f, err := s.recv()
		if err != nil {
			return err
		}
		switch f := f.Frame.(type) {
		case *pb.FromPlugin_Answer:
			err = s.answered(f.Answer)
		case *pb.FromPlugin_State:
			err = s.stated(f.State)
		default:
			err = protocolError("it sent %T instead of an answer", f)
		}
		if err != nil {
			return err
		}
	}
}

// head returns the oldest work, which an answer must be for.
func (s *WorkSession) head(id uint64) (*Pending, error) {
	select {
	case p := <-s.pending:
		if p.id == id {
			return p, nil
		}
		p.err = protocolError("an answer to %d, expected %d", id, p.id)
		close(p.done)
		return nil, p.err
	default:
		return nil, protocolError("an answer to %d, which was not asked", id)
	}
}

func (s *WorkSession) answered(a *pb.Answer) error {
	if s.stating != nil {
		return protocolError("an answer within a state")
	}
	p, err := s.head(a.Id)
	if err != nil {
		return err
	}
	defer close(p.done)
	switch {
	case a.Epoch != s.epoch:
		p.err = protocolError("an answer of epoch %d, the instance has %d", a.Epoch, s.epoch)
	case p.work == nil:
		p.err = protocolError("an answer where a state was asked for")
	case a.Error != nil:
		p.err = &WorkError{Instance: s.name(a.Instance), Err: fromError(a.Error)}
		return nil
	case s.sink:
		p.answer.Results, p.err = fromResults(a.Results, p.work.count())
	default:
		p.answer, p.err = s.additions(a.Additions, p.work)
	}
	return p.err // a broken protocol ends the session
}

func (s *WorkSession) name(instance uint32) string {
	if int(instance) < len(s.instances) {
		return s.instances[instance].Name
	}
	return s.instances[0].Name
}

// WorkError is what a plugin answered for a whole batch; the session goes on.
type WorkError struct {
	Instance string // the block's name
	Err      error
}

func (e *WorkError) Error() string { return e.Instance + ": " + e.Err.Error() }

// Unwrap returns the plugin's own error, so that sdk.CodeOf reads its code.
func (e *WorkError) Unwrap() error { return e.Err }

func (s *WorkSession) additions(list [][]byte, w *Work) (Answer, error) {
	if len(list) != len(s.instances) {
		return Answer{}, protocolError("additions of %d analyzers, the chain has %d", len(list), len(s.instances))
	}
	a := Answer{Additions: list}
	live := w.Events
	for i, b := range list {
		added, err := sdk.ParseAdditions(b, w.Records.Len())
		if err != nil {
			return Answer{}, protocolError("%v", err)
		}
		if len(b) > 0 && added.Analyzer != s.instances[i].Name {
			return Answer{}, protocolError("additions in the name of %q by %q", cut(added.Analyzer, maxFieldText), s.instances[i].Name)
		}
		if i, ok := strayDrop(added, live); ok {
			return Answer{}, protocolError("it drops event %d, which it was not given", i)
		}
		live = added.Remaining(live, w.Records.Len())
		for d := range added.Drops {
			added.Drops[d].Rule = plain(added.Drops[d].Rule, maxFieldText)
		}
		added.Plugin = s.instances[i].Type // whatever it says of itself
		a.Added = append(a.Added, added)
	}
	return a, nil
}

// strayDrop finds an event that an analyzer drops although it did not get it: another rule has dropped it, or it is dead. The
// books would count it twice. // promise 2
func strayDrop(a *sdk.Added, live []uint32) (event uint32, found bool) {
	if live == nil {
		return 0, false
	}
	for _, d := range a.Drops {
		for _, i := range d.Events {
			if _, ok := slices.BinarySearch(live, i); !ok {
				return i, true
			}
		}
	}
	return 0, false
}

func fromResults(list []*pb.Result, n int) ([]sdk.Result, error) {
	results := make([]sdk.Result, n)
	for _, r := range list {
		if int(r.Event) >= n {
			return nil, protocolError("a result for event %d of %d", r.Event, n)
		}
		if r.Outcome > uint32(sdk.Fatal) {
			return nil, protocolError("an unknown outcome %d", r.Outcome)
		}
		results[r.Event] = sdk.Result{Outcome: sdk.Outcome(r.Outcome), Receipt: plain(r.Receipt, sdk.MaxID), After: max(0, time.Duration(r.AfterNs)),
			Code: plain(r.Code, maxFieldText), Field: plain(r.Field, maxFieldText), Message: plain(r.Message, maxMessage)}
	}
	return results, nil
}
