package sdk

import "fmt"

// Additions collects what one analyzer adds to one batch. Events are numbered as in the batch.
type Additions struct {
	// Analyzer is the block name, Plugin, Version and Params the provenance. sdk/wire sets them.
	Analyzer, Plugin, Version, Params string

	batch   *Batch
	columns []*Column
	drops   []Drop
	emitted Builder
	err     error
}

// Drop is a set of events that an analyzer took out, with the name of the rule it did so by.
type Drop struct {
	Rule   string
	Events []uint32
}

// Field numbers of Additions in records.proto.
const (
	addAnalyzer = 1
	addPlugin   = 2
	addVersion  = 3
	addParams   = 4
	addColumns  = 5
	addDrops    = 6
	addEmitted  = 7
)

// Reset prepares a for another batch. sdk/wire calls it; tests of analyzers do.
func (a *Additions) Reset(in *Batch) {
	a.batch, a.drops, a.err = in, nil, nil
	a.emitted = Builder{}
	for _, c := range a.columns {
		c.reset()
	}
}

// SetString adds a text to event i as field. Within one field, events must come in rising order, each at most once.
func (a *Additions) SetString(i int, field, value string) {
	a.set(i, field, StringValue(value))
}

// SetNumber adds a number to event i as field.
func (a *Additions) SetNumber(i int, field string, value float64) {
	a.set(i, field, NumberValue(value))
}

// SetBool adds a yes or no to event i as field.
func (a *Additions) SetBool(i int, field string, value bool) {
	a.set(i, field, BoolValue(value))
}

// SetStrings adds a list of texts to event i as field.
func (a *Additions) SetStrings(i int, field string, values []string) {
	a.set(i, field, StringsValue(values))
}

func (a *Additions) set(i int, name string, v Value) {
	c := a.column(name)
	ord := a.batch.ordinal(i)
	if n := len(c.ords); n > 0 && c.ords[n-1] >= ord {
		a.err = Errorf(Internal, "field %q was set for event %d after event %d: set fields in the order of the events", name, ord, c.ords[n-1])
		return
	}
	c.Set(int(ord), v)
}

func (a *Additions) column(name string) *Column {
	for _, c := range a.columns {
		if c.Name == name {
			return c
		}
	}
	c := &Column{Name: name}
	a.columns = append(a.columns, c)
	return c
}

// Drop takes event i out of the pipeline by the named rule. It is counted under that name and reaches no sink.
func (a *Additions) Drop(i int, rule string) {
	ord := a.batch.ordinal(i)
	for d := range a.drops {
		if a.drops[d].Rule == rule {
			a.drops[d].Events = append(a.drops[d].Events, ord)
			return
		}
	}
	a.drops = append(a.drops, Drop{Rule: rule, Events: []uint32{ord}})
}

// Emit adds a new event, such as an insight. It needs an ID that is the same after a replay, and a Time taken from the events.
func (a *Additions) Emit(e Event) {
	if e.Time.IsZero() {
		a.err = Errorf(Internal, "event %s was emitted without a time: take it from the events, so that a replay gives the same", e.ID)
		return
	}
	if err := a.emitted.Add(&e); err != nil && a.err == nil {
		a.err = err
	}
}

// Encode returns the additions as they travel, or the first mistake the analyzer made.
func (a *Additions) Encode() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	var b []byte
	b = appendString(b, addAnalyzer, a.Analyzer)
	b = appendString(b, addPlugin, a.Plugin)
	b = appendString(b, addVersion, a.Version)
	b = appendString(b, addParams, a.Params)
	for _, c := range a.columns {
		if len(c.ords) > 0 {
			b = c.appendTo(b, addColumns, a.batch.records.Len())
		}
	}
	for _, d := range a.drops {
		b = appendMessage(b, addDrops, func(b []byte) []byte {
			return appendPacked(appendString(b, 1, d.Rule), 2, d.Events)
		})
	}
	if a.emitted.Len() == 0 {
		return b, nil
	}
	r, err := a.emitted.Records(nil)
	if err != nil {
		return nil, err
	}
	return appendBytes(b, addEmitted, r.Bytes()), nil
}

// Added is what one analyzer added to a batch, as read: checked, and addressed by event.
type Added struct {
	Analyzer, Plugin, Version, Params string
	Columns                           []*Values
	Drops                             []Drop
	// Emitted holds new events, or is nil.
	Emitted *Records
}

// ParseAdditions reads additions to a batch of n events and checks every index in them.
func ParseAdditions(b []byte, n int) (*Added, error) {
	a := &Added{}
	err := eachField(b, func(f field) error {
		switch f.num {
		case addAnalyzer:
			a.Analyzer = f.str()
		case addPlugin:
			a.Plugin = f.str()
		case addVersion:
			a.Version = f.str()
		case addParams:
			a.Params = f.str()
		case addColumns:
			c, err := parseColumn(f.b, n)
			a.Columns = append(a.Columns, c)
			return err
		case addDrops:
			return a.parseDrop(f.b, n)
		case addEmitted:
			var err error
			a.Emitted, err = ParseRecords(f.b)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("additions of %q: %w", a.Analyzer, err)
	}
	return a, nil
}

func (a *Added) parseDrop(b []byte, n int) error {
	var d Drop
	err := eachField(b, func(f field) (err error) {
		switch f.num {
		case 1:
			d.Rule = f.str()
		case 2:
			d.Events, err = packedUints(f.b, nil, n)
		}
		return err
	})
	for _, i := range d.Events {
		if int(i) >= n {
			return fmt.Errorf("rule %q drops event %d of %d", d.Rule, i, n)
		}
	}
	a.Drops = append(a.Drops, d)
	return err
}

// Value returns the field of event i, null where the analyzer added none.
func (a *Added) Value(i int, field string) Value {
	for _, c := range a.Columns {
		if c.Name == field {
			return c.At(i)
		}
	}
	return Value{}
}

// Remaining returns the events of sel (nil: all n) that a did not drop; nil means all n.
func (a *Added) Remaining(sel []uint32, n int) []uint32 {
	if len(a.Drops) == 0 {
		return sel
	}
	gone := make(map[uint32]bool)
	for _, d := range a.Drops {
		for _, i := range d.Events {
			gone[i] = true
		}
	}
	left := make([]uint32, 0, n)
	if sel == nil {
		for i := range uint32(n) {
			if !gone[i] {
				left = append(left, i)
			}
		}
		return left
	}
	for _, i := range sel {
		if !gone[i] {
			left = append(left, i)
		}
	}
	return left
}

// SliceAdditions returns the encoded additions to a batch of n events cut down to event i alone, which becomes event 0. The
// hub keeps them with a dead letter. New events and drops are left out.
func SliceAdditions(encoded [][]byte, n int, i uint32) ([][]byte, error) {
	var out [][]byte
	for _, b := range encoded {
		a, err := ParseAdditions(b, n)
		if err != nil {
			return nil, err
		}
		one := &Additions{Analyzer: a.Analyzer, Plugin: a.Plugin, Version: a.Version, Params: a.Params,
			batch: &Batch{records: &Records{Head: Head{Count: 1}}}}
		for _, c := range a.Columns {
			if v := c.At(int(i)); !v.IsNull() {
				one.column(c.Name).Set(0, v)
			}
		}
		encoded, err := one.Encode()
		if err != nil {
			return nil, err
		}
		out = append(out, encoded)
	}
	return out, nil
}
