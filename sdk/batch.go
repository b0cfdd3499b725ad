package sdk

import (
	"time"
	"unsafe"
)

// Batch is what an analyzer or a sink works on: some or all events of a record batch, with what was added to them before. It
// decodes an event when it is asked for it. A batch and what Text returns are valid until the call that received it returns.
type Batch struct {
	records *Records
	sel     []uint32 // ordinals in records, rising; nil means all
	added   []*Added
	attrs   []*Values
	events  []Event
	decoded []bool
}

// NewBatch makes a batch of the events sel (nil: all) of r. The hub's half of the contract and tests use it.
func NewBatch(r *Records, sel []uint32, added []*Added, attrs []*Values) *Batch {
	return &Batch{records: r, sel: sel, added: added, attrs: attrs}
}

// BatchOf makes a batch of events, for tests of plugins.
func BatchOf(events ...Event) (*Batch, error) {
	var b Builder
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			return nil, err
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		return nil, err
	}
	added, err := addedOf(events)
	return NewBatch(r, nil, added, nil), err
}

// addedOf turns the annotations of events into columns, one set per analyzer.
func addedOf(events []Event) ([]*Added, error) {
	var sets []*Additions
	batch := &Batch{records: &Records{Head: Head{Count: len(events)}}}
	for i := range events {
		for _, n := range events[i].Annotations {
			additionsFor(&sets, batch, n).set(i, n.Field, n.Value)
		}
	}
	added := make([]*Added, 0, len(sets))
	for _, set := range sets {
		b, err := set.Encode()
		if err != nil {
			return nil, err
		}
		a, err := ParseAdditions(b, len(events))
		if err != nil {
			return nil, err
		}
		added = append(added, a)
	}
	return added, nil
}

func additionsFor(sets *[]*Additions, batch *Batch, n Annotation) *Additions {
	for _, s := range *sets {
		if s.Analyzer == n.Analyzer {
			return s
		}
	}
	s := &Additions{Analyzer: n.Analyzer, Plugin: n.Plugin, Version: n.Version, Params: n.Params, batch: batch}
	*sets = append(*sets, s)
	return s
}

// Len returns the number of events.
func (b *Batch) Len() int {
	if b.sel == nil {
		return b.records.Len()
	}
	return len(b.sel)
}

// ordinal returns the place of event i in the record batch.
func (b *Batch) ordinal(i int) uint32 {
	if b.sel == nil {
		return uint32(i)
	}
	return b.sel[i]
}

// ID returns the id of event i.
func (b *Batch) ID(i int) string { return b.records.ID(int(b.ordinal(i))) }

// Key returns what orders event i: events of one key are worked on in order.
func (b *Batch) Key(i int) string { return b.records.Key(int(b.ordinal(i))) }

// Source returns the address of the source that the events came from, such as "source.rss.blog".
func (b *Batch) Source() string { return b.records.Source }

// Recorded returns when the hub wrote the batch into its log. It is the same whenever the batch is worked on, so that an analyzer
// may build on it as on the events themselves. It is zero in a batch that no log has seen, as in tests.
func (b *Batch) Recorded() time.Time { return b.records.Recorded }

// Text returns what the person wrote in event i without decoding the rest, "" where there is no feedback. It shares the
// batch's memory: strings.Clone what you keep.
func (b *Batch) Text(i int) string {
	fb, _ := firstField(b.records.event(int(b.ordinal(i))), evFeedback)
	text, _ := firstField(fb.b, fbText)
	return viewString(text.b)
}

// Event returns event i, decoded, with its annotations.
func (b *Batch) Event(i int) *Event {
	if b.events == nil {
		b.events = make([]Event, b.Len())
		b.decoded = make([]bool, b.Len())
	}
	e := &b.events[i]
	if !b.decoded[i] {
		b.decoded[i] = true
		b.decode(i, e)
	}
	return e
}

func (b *Batch) decode(i int, e *Event) {
	ord := int(b.ordinal(i))
	if err := decodeEvent(b.records.event(ord), e); err != nil {
		*e = Event{Type: TypeRejected} // a stranger encoded it: its id and key still stand
	}
	e.ID, e.Key, e.Source = b.records.ID(ord), b.records.Key(ord), b.records.Source
	for _, a := range b.added {
		for _, c := range a.Columns {
			if v := c.At(ord); !v.IsNull() {
				e.Annotations = append(e.Annotations, Annotation{
					Analyzer: a.Analyzer, Plugin: a.Plugin, Version: a.Version, Params: a.Params, Field: c.Name, Value: v})
			}
		}
	}
}

// Annotation returns a field that an earlier analyzer added to event i, null where there is none.
func (b *Batch) Annotation(i int, analyzer, field string) Value {
	ord := int(b.ordinal(i))
	for _, a := range b.added {
		if a.Analyzer == analyzer {
			return a.Value(ord, field)
		}
	}
	return Value{}
}

// Attr returns the value of a per-event attribute for event i, null when the attribute is not set.
func (b *Batch) Attr(i int, p PerEvent) Value {
	if !p.set {
		return Value{}
	}
	for _, c := range b.attrs {
		if c.Name == p.name {
			return c.At(int(b.ordinal(i)))
		}
	}
	return Value{}
}

// Results returns one result per event, all of them Done.
func (b *Batch) Results() []Result { return make([]Result, b.Len()) }

// viewString returns b's bytes as a string without copying. Record batches are never written to after they were made.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
