package sdk

import "fmt"

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
	if len(b) > MaxAdditionsBytes {
		return nil, Errorf(Exhausted, "additions of %d bytes, at most %d are allowed", len(b), MaxAdditionsBytes)
	}
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
			return a.parseColumn(f.b, n)
		case addDrops:
			return a.parseDrop(f.b, n)
		case addEmitted:
			var err error
			a.Emitted, err = ParseRecords(f.b)
			return err
		}
		return nil
	})
	if err == nil {
		err = a.checkDrops(n)
	}
	if err != nil {
		return nil, fmt.Errorf("additions of %q: %w", a.Analyzer, err)
	}
	return a, nil
}

func (a *Added) parseColumn(b []byte, n int) error {
	if len(a.Columns) == MaxFields {
		return fmt.Errorf("more than %d fields", MaxFields)
	}
	c, err := parseColumn(b, n)
	if err != nil {
		return err
	}
	for _, other := range a.Columns {
		if other.Name == c.Name {
			return fmt.Errorf("field %q stands twice", c.Name)
		}
	}
	a.Columns = append(a.Columns, c)
	return nil
}

func (a *Added) parseDrop(b []byte, n int) error {
	if len(a.Drops) == MaxFields {
		return fmt.Errorf("more than %d rules", MaxFields)
	}
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
	a.Drops = append(a.Drops, d)
	return err
}

// checkDrops makes sure that the books can count a dropped event once.
func (a *Added) checkDrops(n int) error {
	if len(a.Drops) == 0 {
		return nil
	}
	gone := make([]bool, n)
	for _, d := range a.Drops {
		for _, i := range d.Events {
			if int(i) >= n || gone[i] {
				return fmt.Errorf("rule %q drops event %d of %d, which is not there or was dropped before", d.Rule, i, n)
			}
			gone[i] = true
		}
	}
	return nil
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
	gone := make([]bool, n)
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
	if int(i) >= n {
		return nil, fmt.Errorf("no event %d, there are %d", i, n)
	}
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
