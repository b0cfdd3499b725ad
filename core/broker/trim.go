package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Trim removes all messages with a sequence below the given one, which must not be above the position of the slowest
// reader. A subject whose last message would go with them gets it stored again at the end, because that message is a
// source's or a pipeline's position: carry turns it into what to keep (usually its head without its events), nil data lets
// it go. A nil carry lets all go. Writers open on such a subject go on without noticing.
//
// A crash at any point leaves a log that is whole: at worst a position is stored twice, the same both times.
func (b *Broker) Trim(ctx context.Context, s Stream, below uint64, carry func(Entry) []byte) error {
	b.trim.Lock()
	defer b.trim.Unlock()
	info, err := b.info(ctx, s, jetstream.WithSubjectFilter(">"))
	if err != nil {
		return fmt.Errorf("trim %s: %w", s, err)
	}
	below = min(below, info.State.LastSeq+1)
	if below <= info.State.FirstSeq {
		return nil
	}
	if err := b.carryAll(ctx, s, below, info, carry); err != nil {
		return fmt.Errorf("trim %s: %w", s, err)
	}
	// The manifest first: a beginning that is missing without being noted there is damage.
	noted := record{Created: info.Created, Last: info.State.LastSeq, Trimmed: below}
	if err := b.note(ctx, map[Stream]record{s: noted}); err != nil {
		return fmt.Errorf("trim %s: %w", s, err)
	}
	if err := b.purge(ctx, s, jetstream.WithPurgeSequence(below)); err != nil {
		return fmt.Errorf("trim %s: %w", s, err)
	}
	return b.noteHoles(ctx, s)
}

func (b *Broker) carryAll(ctx context.Context, s Stream, below uint64, info *jetstream.StreamInfo,
	carry func(Entry) []byte) error {
	for subject := range info.State.Subjects {
		if err := b.carryLast(ctx, s, subject, below, carry); err != nil {
			return err
		}
	}
	return nil
}

// carryLast stores the last message of a subject again when it would go.
func (b *Broker) carryLast(ctx context.Context, s Stream, subject string, below uint64, carry func(Entry) []byte) error {
	last, ok, err := b.Last(ctx, s, subject)
	if err != nil || !ok || last.Seq >= below || carry == nil {
		return err
	}
	data := carry(last)
	if data == nil {
		return nil
	}
	return b.carryOne(ctx, last, data)
}

// carryOne stores a position again. When its writer was quicker, there is nothing to carry any more.
func (b *Broker) carryOne(ctx context.Context, last Entry, data []byte) error {
	first := last.Seq
	if last.Carried != 0 {
		first = last.Carried
	}
	head := nats.Header{carryHeader: {strconv.FormatUint(first, 10)}}
	m := Message{Stream: last.Stream, Subject: last.Subject, Data: data, Fence: &last.Seq}
	_, err := b.append(ctx, m, head)
	if errors.Is(err, ErrFull) {
		err = b.withRoom(ctx, last.Stream, int64(len(data)+len(last.Subject)+headroom), func() error {
			_, err := b.append(ctx, m, head)
			return err
		})
	}
	if errors.Is(err, ErrFenced) {
		return nil
	}
	return err
}

// withRoom lifts the limit of a full stream while do runs: Trim must be able to store what it carries, or a full stream
// could never be emptied.
func (b *Broker) withRoom(ctx context.Context, s Stream, room int64, do func() error) error {
	info, err := b.info(ctx, s)
	if err != nil {
		return err
	}
	lifted := info.Config
	lifted.MaxBytes = max(lifted.MaxBytes, int64(info.State.Bytes)) + room
	if _, err := b.update(ctx, lifted); err != nil {
		return err
	}
	err = do()
	_, back := b.update(context.WithoutCancel(ctx), info.Config)
	return errors.Join(err, back)
}

// Delete removes one dead letter. ErrGone when it is not there. The other streams refuse: a hole in them means damage.
func (b *Broker) Delete(ctx context.Context, s Stream, seq uint64) error {
	handle, err := b.stream(s)
	if err != nil {
		return err
	}
	if s != Dead {
		return fmt.Errorf("delete message %d of %s: only dead letters can be deleted one by one", seq, s)
	}
	if b.cfg.Inspect {
		return fmt.Errorf("delete message %d of %s: the log was opened to look at it only: %w", seq, s, ErrClosed)
	}
	// The manifest first: a hole that is not noted there is damage.
	gone := record{Created: b.known().Streams[s].Created, Deleted: spans{{seq, seq}}}
	if _, err := b.get(ctx, s, seq); err != nil {
		return fmt.Errorf("delete message %d of %s: %w", seq, s, err)
	}
	if err := b.note(ctx, map[Stream]record{s: gone}); err != nil {
		return fmt.Errorf("delete message %d of %s: %w", seq, s, err)
	}
	limited, cancel := b.bounded(ctx)
	defer cancel()
	err = handle.DeleteMsg(limited, seq)
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) { // the client drops the code that says why
		if _, gone := b.Get(ctx, s, seq); errors.Is(gone, ErrGone) {
			return fmt.Errorf("delete message %d of %s: %w", seq, s, ErrGone)
		}
	}
	if err != nil {
		return fmt.Errorf("delete message %d of %s: %w", seq, s, b.classify(ctx, err))
	}
	return nil
}
