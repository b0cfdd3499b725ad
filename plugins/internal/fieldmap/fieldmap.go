// Package fieldmap makes events of entries that have a shape of their own: an object of JSON, a row of a table. A map from
// fields of the event to places in the entry says what goes where; what the map does not name is kept as the event's data.
//
// It reads no channel and knows none: identity, order and emission are the source's business. Its promise: no part of an
// entry is lost between the fields and the data, and no error quotes the entry.
package fieldmap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// TypeData is the type of an event whose entry was not mapped: all of it is data.
const TypeData = "io.pintle.data.v1"

// Map says what of an entry goes to which field of an event. Make one with New; several goroutines may use it.
type Map struct {
	paths [fieldCount]string // where each field is found, "" where it is not mapped
	root  node
	times times
	empty bool
}

// New reads the map that a configuration gives: fields of the event on the left, places in the entry on the right.
// timeFormat says how times are written, as TimeFormatDoc describes. The error, for the author of the configuration, names
// what is wrong and what is possible. Sources call it in Open.
func New(fields map[string]string, timeFormat string) (*Map, error) {
	m := &Map{empty: len(fields) == 0}
	var err error
	if m.times, err = newTimes(timeFormat); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		path := fields[name]
		f, ok := fieldNamed(name)
		if !ok {
			return nil, fmt.Errorf("fields: an event has no field %q to fill; it has %s", name, strings.Join(fieldNames(), ", "))
		}
		if path == "" {
			return nil, fmt.Errorf("fields: %s is empty; name the place in the entry, or leave the field out", name)
		}
		m.paths[f] = path
		m.root.add(f, path)
	}
	return m, nil
}

// Empty reports whether nothing is mapped, so that every entry becomes an event of TypeData.
func (m *Map) Empty() bool { return m.empty }

// node is a place in a JSON document.
type node struct {
	fields []field          // what the value here fills
	below  map[string]*node // by member, or by number for the items of a list
}

// add notes that path fills f: steps by dots, and the whole path as one member for documents that were flattened.
func (n *node) add(f field, path string) {
	at := n
	for step := range strings.SplitSeq(path, ".") {
		at = at.child(step)
	}
	at.fields = append(at.fields, f)
	if strings.Contains(path, ".") {
		flat := n.child(path)
		flat.fields = append(flat.fields, f)
	}
}

func (n *node) child(step string) *node {
	if n.below == nil {
		n.below = map[string]*node{}
	}
	c := n.below[step]
	if c == nil {
		c = &node{}
		n.below[step] = c
	}
	return c
}

// event fills an event with what was found. rest, the event's data, may be nil.
func (m *Map) event(v *values, rest []byte) (sdk.Event, error) {
	e := sdk.Event{Data: rest}
	if m.empty {
		e.Type = TypeData
		return e, nil
	}
	e.Feedback = new(sdk.Feedback)
	for f, s := range v {
		if s == "" {
			continue
		}
		if err := m.fill(&e, field(f), s); err != nil {
			return sdk.Event{}, err
		}
	}
	if err := fillRating(e.Feedback, v); err != nil {
		return sdk.Event{}, err
	}
	return e, nil
}
