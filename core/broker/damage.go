package broker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Damage is a range of a stream that is not as it was stored, and what is known of what it held. It is an error;
// errors.Is(err, ErrDamaged) holds.
type Damage struct {
	Stream Stream `json:"stream"`
	From   uint64 `json:"from"` // sequences, both included
	To     uint64 `json:"to"`
	// Messages is how many of them are missing or changed.
	Messages uint64 `json:"messages"`
	// Subjects are whose they were, as far as it can be told; Events how many events they held, 0 when that cannot be told.
	Subjects []string `json:"subjects,omitempty"`
	Events   uint64   `json:"events,omitempty"`
	Reason   string   `json:"reason"`
}

// newDamage is a range of which all is lost.
func newDamage(s Stream, from, to uint64, reason string) *Damage {
	return &Damage{Stream: s, From: from, To: to, Messages: to - from + 1, Reason: reason}
}

// Error implements error: what is lost, whose it was and what a person can do.
func (d *Damage) Error() string {
	return fmt.Sprintf("stream %s, messages %d to %d%s: %s; %s: %v", d.Stream, d.From, d.To, d.whose(), d.Reason, d.Advice(), ErrDamaged)
}

func (d *Damage) whose() string {
	var parts []string
	if len(d.Subjects) > 0 {
		parts = append(parts, "of "+strings.Join(d.Subjects, ", "))
	}
	if d.Events > 0 {
		parts = append(parts, fmt.Sprintf("%d events", d.Events))
	}
	if d.Messages != d.To-d.From+1 {
		parts = append(parts, fmt.Sprintf("%d of them", d.Messages))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// Advice says what a person can do about it.
func (d *Damage) Advice() string {
	switch d.Stream {
	case Events:
		return "restore the log from a backup; a source that can be read again may be read into a new data directory"
	case Insights:
		return "restore the log from a backup; what sinks have taken already is not touched"
	case Dead:
		return "restore the log from a backup, or look for these events where they came from; the others can be used"
	case Checkpoints:
		return "restore the log from a backup; without it the sinks would be given again what the log still holds"
	case States:
		return "restore the log from a backup; the analyzers' counts cannot be rebuilt from what was trimmed"
	}
	return "restore the log from a backup"
}

// Unwrap implements the contract of errors.Is: a Damage is ErrDamaged.
func (d *Damage) Unwrap() error { return ErrDamaged }

// covers reports whether d tells of everything that o does.
func (d *Damage) covers(o *Damage) bool {
	return d.Stream == o.Stream && d.From <= o.From && d.To >= o.To
}

const maxFindings = 1000

// findings are the damages found since Open, each once.
type findings struct {
	mu   sync.Mutex
	list []*Damage
}

// add keeps what is new and returns it.
func (f *findings) add(found []*Damage) (fresh []*Damage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range found {
		if len(f.list) == maxFindings || slices.ContainsFunc(f.list, func(o *Damage) bool { return o.covers(d) }) {
			continue
		}
		f.list = slices.DeleteFunc(f.list, d.covers)
		f.list = append(f.list, d)
		fresh = append(fresh, d)
	}
	return fresh
}

func (f *findings) all() []*Damage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// Damage is what was found missing or changed since Open, as Status shows it.
func (b *Broker) Damage() []*Damage { return b.found.all() }

// report notes damage for Status and tells the log of what is new: nobody may be reading there.
func (b *Broker) report(found ...*Damage) {
	for _, d := range b.found.add(found) {
		b.cfg.Logger.Error("the log is damaged", "stream", d.Stream, "from", d.From, "to", d.To, "of", strings.Join(d.Subjects, ", "),
			"messages", d.Messages, "events", d.Events, "reason", d.Reason, "next", d.Advice())
	}
}

// inOrder sorts by stream and sequence and leaves out what another one tells already.
func inOrder(all []*Damage) []*Damage {
	slices.SortFunc(all, func(a, b *Damage) int {
		return cmp.Or(slices.Index(Streams(), a.Stream)-slices.Index(Streams(), b.Stream), cmp.Compare(a.From, b.From),
			cmp.Compare(b.To, a.To))
	})
	var out []*Damage
	for _, d := range all {
		if len(out) == 0 || !out[len(out)-1].covers(d) {
			out = append(out, d)
		}
	}
	return out
}
