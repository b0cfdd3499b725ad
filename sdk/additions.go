package sdk

// Additions collects what one analyzer adds to one batch. Events are numbered as in the batch.
type Additions struct {
	// Analyzer is the block name, Plugin, Version and Params the provenance. sdk/wire sets them.
	Analyzer, Plugin, Version, Params string

	batch   *Batch
	columns []*Column // in the order in which they were first set for this batch
	spare   []*Column // of earlier batches, for their memory
	drops   []Drop
	gone    []bool // by ordinal: dropped; nil while nothing is
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

// Reset prepares a for another batch; nothing of the batches before shows in what Encode will return. sdk/wire calls it; tests
// of analyzers do.
func (a *Additions) Reset(in *Batch) {
	a.batch, a.drops, a.gone, a.err = in, nil, nil, nil
	a.emitted = Builder{}
	a.spare = append(a.spare, a.columns...)
	a.columns = a.columns[:0]
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
	if c == nil {
		return
	}
	ord := a.batch.ordinal(i)
	if n := len(c.ords); n > 0 && c.ords[n-1] >= ord {
		a.fail(Errorf(Internal, "field %q was set for event %d after event %d: set fields in the order of the events", name, ord, c.ords[n-1]))
		return
	}
	c.Set(int(ord), v)
}

// fail keeps the first mistake.
func (a *Additions) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// column returns the column of a field, nil when there are too many.
func (a *Additions) column(name string) *Column {
	for _, c := range a.columns {
		if c.Name == name {
			return c
		}
	}
	if len(a.columns) == MaxFields {
		a.fail(Errorf(Internal, "more than %d fields: a field's name must not depend on the event", MaxFields))
		return nil
	}
	c := a.reuse(name)
	a.columns = append(a.columns, c)
	return c
}

// reuse returns an empty column, in the memory of an earlier one of that name if there is one.
func (a *Additions) reuse(name string) *Column {
	for i, c := range a.spare {
		if c.Name == name {
			a.spare = append(a.spare[:i], a.spare[i+1:]...)
			c.reset()
			return c
		}
	}
	a.spare = a.spare[:min(len(a.spare), MaxFields)]
	return &Column{Name: name}
}

// Drop takes event i out of the pipeline by the named rule. It is counted under that name and reaches no sink. An event that
// was dropped already stays with the rule that dropped it first.
func (a *Additions) Drop(i int, rule string) {
	ord := a.batch.ordinal(i)
	if a.gone == nil {
		a.gone = make([]bool, a.batch.records.Len())
	}
	if a.gone[ord] {
		return
	}
	a.gone[ord] = true
	for d := range a.drops {
		if a.drops[d].Rule == rule {
			a.drops[d].Events = append(a.drops[d].Events, ord)
			return
		}
	}
	if len(a.drops) == MaxFields {
		a.fail(Errorf(Internal, "more than %d rules: a rule's name must not depend on the event", MaxFields))
		return
	}
	a.drops = append(a.drops, Drop{Rule: rule, Events: []uint32{ord}})
}

// Emit adds a new event, such as an insight. It needs an ID that is the same after a replay, and a Time taken from the events.
func (a *Additions) Emit(e Event) {
	if e.Time.IsZero() {
		a.fail(Errorf(Internal, "event %s was emitted without a time: take it from the events, so that a replay gives the same", e.ID))
		return
	}
	if err := a.emitted.Add(&e); err != nil {
		a.fail(err)
	}
}

// Encode returns the additions as they travel, or the first mistake the analyzer made.
func (a *Additions) Encode() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	b := a.appendAdded(nil)
	if a.emitted.Len() > 0 {
		r, err := a.emitted.Records(nil)
		if err != nil {
			return nil, err
		}
		b = appendBytes(b, addEmitted, r.Bytes())
	}
	if len(b) > MaxAdditionsBytes {
		return nil, Errorf(Exhausted, "additions of %d bytes to a batch of %d events, at most %d are allowed", len(b), a.batch.Len(), MaxAdditionsBytes)
	}
	return b, nil
}

func (a *Additions) appendAdded(b []byte) []byte {
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
	return b
}
