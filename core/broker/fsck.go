package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Fsck reads the whole log as it is now and returns every range that is not as it was stored, none when all is well; Status
// shows it from then on. It may run beside everything else, at a request (0.03 to 0.2 ms) a message. The hub runs it now and
// then in the background. Of a log that Open refuses it tells when it was opened to Inspect.
func (b *Broker) Fsck(ctx context.Context) ([]*Damage, error) {
	var all []*Damage
	for _, s := range Streams() {
		found, err := b.fsck(ctx, s)
		all = append(all, found...)
		if err != nil {
			b.report(inOrder(all)...)
			return inOrder(all), err
		}
	}
	b.report(inOrder(all)...)
	return inOrder(all), nil
}

// fsck reads one stream.
func (b *Broker) fsck(ctx context.Context, s Stream) ([]*Damage, error) {
	if d, absent := b.absent[s]; absent {
		if d == nil {
			return nil, nil // it was never there
		}
		return []*Damage{d}, nil
	}
	r, info, err := b.compare(ctx, s)
	if err != nil {
		return nil, err
	}
	if !r.Created.IsZero() && !r.Created.Equal(info.Created) {
		return []*Damage{newDamage(s, max(r.Trimmed, 1), max(r.Last, 1), "another stream has taken its name")}, nil
	}
	var found []*Damage
	if info.State.LastSeq < r.Last {
		found = append(found, b.end(ctx, s, r, info.State))
	}
	from := info.State.FirstSeq
	if s.whole() {
		from = max(r.Trimmed, 1)
	}
	holes, err := b.scan(ctx, s, from, info.State.LastSeq)
	if found = append(found, holes...); err != nil {
		return found, err
	}
	lasts, err := b.checkLasts(ctx, s, r, info.State)
	if found = append(found, lasts...); err != nil || s != States {
		return found, err
	}
	states, err := b.scanStates(ctx)
	return append(found, states...), err
}

// scanner reads the messages of a stream in order, verifies each, and finds out whose the missing ones were.
type scanner struct {
	b      *Broker
	s      Stream
	first  bool              // it began with the stream's first message
	totals map[string]uint64 // by subject: events up to the message before
	links  gaps              // among the holes of TrimSubjects only these tell what is missing
	found  []*Damage
}

// scan reads the messages between two sequences, both included.
func (b *Broker) scan(ctx context.Context, s Stream, from, to uint64) ([]*Damage, error) {
	c := &scanner{b: b, s: s, first: from <= 1, totals: map[string]uint64{}, links: newGaps(ReadOptions{Stream: s, Subjects: []string{">"}, From: from})}
	c.links.purged = b.purged(s)
	for next := max(from, 1); next <= to; {
		m, err := b.nextRaw(ctx, s, next)
		if err != nil && !errors.Is(err, ErrGone) {
			return c.found, fmt.Errorf("check stream %s: %w", s, err)
		}
		at := to + 1
		if err == nil {
			at = min(m.Sequence, at)
		}
		if s.whole() && at > next {
			if err := c.hole(ctx, span{next, at - 1}); err != nil {
				return c.found, err
			}
		}
		if at <= to {
			c.message(m)
		}
		if b.cfg.Progress != nil {
			b.cfg.Progress(s, min(at, to), to)
		}
		next = at + 1
	}
	c.ends()
	return c.found, nil
}

func (b *Broker) nextRaw(ctx context.Context, s Stream, from uint64) (*jetstream.RawStreamMsg, error) {
	handle, err := b.stream(s)
	if err != nil {
		return nil, err
	}
	return ask(ctx, b, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return handle.GetMsg(ctx, from, jetstream.WithGetMsgSubject(">"))
	})
}

// hole reports a hole, unless Trim made it while the scan ran, or Delete.
func (c *scanner) hole(ctx context.Context, x span) error {
	info, err := c.b.info(ctx, c.s)
	if err != nil {
		return fmt.Errorf("check stream %s: %w", c.s, err)
	}
	r, err := c.b.fresh(ctx, c.s)
	if err != nil {
		return fmt.Errorf("check stream %s: %w", c.s, err)
	}
	if x.From = max(x.From, r.Trimmed, r.holesBelow(), 1); info.State.Msgs > 0 && x.From < info.State.FirstSeq && c.s.appendOnly() {
		c.found = append(c.found, newDamage(c.s, x.From, min(x.To, info.State.FirstSeq-1), "the beginning is missing although nothing trimmed it"))
		x.From = info.State.FirstSeq
	}
	if x.From <= x.To {
		c.found = append(c.found, r.without(c.s, x, "missing")...)
	}
	return nil
}

// message verifies one message and lets it tell of missing ones before it on its subject.
func (c *scanner) message(m *jetstream.RawStreamMsg) {
	total, n := uint64(0), uint64(0)
	if c.b.cfg.Count != nil {
		total, n = c.b.cfg.Count(c.s, m.Data)
	}
	c.link(m)
	before, seen := c.totals[m.Subject]
	prior, _ := follows(m.Header)
	if d := c.holding(prior); d != nil && carried(m.Header) == 0 {
		d.belongsTo(m.Subject)
		if (seen || c.first) && total >= n+before {
			d.Events += total - n - before
		}
	}
	if total > 0 {
		c.totals[m.Subject] = total
	}
	if c.b.cfg.Verify == nil || c.s == States {
		return
	}
	if err := c.b.cfg.Verify(c.s, m.Data); err != nil {
		d := newDamage(c.s, m.Sequence, m.Sequence, err.Error())
		d.Subjects = []string{m.Subject}
		c.found = append(c.found, d)
	}
}

// link checks that the message which this one names as the one before was there, where a hole alone says nothing.
func (c *scanner) link(m *jetstream.RawStreamMsg) {
	f := follower{Entry: entryOf(c.s, m)}
	f.prior, f.fenced = follows(m.Header)
	from, to, missing := c.links.before(f)
	if missing && to >= c.links.purged(m.Subject) && to < c.b.holesBelow(c.s) {
		c.found = append(c.found, newDamage(c.s, max(from, to), to, "missing"))
	}
}

// ends attributes what was missing at the end of a subject.
func (c *scanner) ends() {
	for subject, p := range c.b.known().Streams[c.s].Subjects {
		if d := c.holding(p.Seq); d != nil && !p.Gone {
			d.belongsTo(subject)
			if before, seen := c.totals[subject]; (seen || c.first) && p.Total > before {
				d.Events += p.Total - before
			}
		}
	}
	for _, d := range c.found {
		if c.s == Dead {
			d.Events = d.Messages
		}
	}
}

// holding returns the hole that a sequence is in.
func (c *scanner) holding(seq uint64) *Damage {
	for _, d := range c.found {
		if d.From <= seq && seq <= d.To {
			return d
		}
	}
	return nil
}

func (d *Damage) belongsTo(subject string) {
	if !slices.Contains(d.Subjects, subject) {
		d.Subjects = append(d.Subjects, subject)
		slices.Sort(d.Subjects)
	}
}

// scanStates checks that each saved state is whole.
func (b *Broker) scanStates(ctx context.Context) ([]*Damage, error) {
	var found []*Damage
	for next := uint64(1); ; {
		e, err := b.following(ctx, States, headPrefix+">", next)
		if errors.Is(err, ErrGone) {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		_, _, err = b.LoadState(ctx, strings.TrimPrefix(e.Subject, headPrefix))
		if errors.Is(err, ErrDamaged) {
			d := newDamage(States, e.Seq, e.Seq, err.Error())
			d.Subjects = []string{e.Subject}
			found = append(found, d)
		} else if err != nil {
			return found, err
		}
		next = e.Seq + 1
	}
}
