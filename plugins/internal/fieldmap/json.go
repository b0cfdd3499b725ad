package fieldmap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/sdk"
)

// JSON makes an event of one JSON object. Members that the map names fill fields and leave the data; the others stay in the
// data as they are written. A list that holds a mapped item stays whole. null is the same as nothing. The event's data does
// not share raw's memory. The error, a reason for a rejection, quotes nothing of the object.
func (m *Map) JSON(raw []byte) (sdk.Event, error) {
	raw = bytes.Trim(raw, " \t\r\n") // the white space of JSON
	switch {
	case !utf8.Valid(raw):
		return sdk.Event{}, errors.New("it is not valid UTF-8")
	case !json.Valid(raw):
		return sdk.Event{}, syntaxError(raw)
	case raw[0] != '{' && !m.empty:
		return sdk.Event{}, errors.New("it is not a JSON object")
	}
	w := walk{b: raw, m: m}
	if m.empty {
		w.skip(0)
		if w.deep {
			return sdk.Event{}, errDepth
		}
		return m.event(&w.values, bytes.Clone(raw))
	}
	w.rest = make([]byte, 0, len(raw))
	kept, err := w.object(&m.root, 1)
	if err != nil {
		return sdk.Event{}, err
	}
	if w.deep {
		return sdk.Event{}, errDepth
	}
	if !kept {
		w.rest = nil
	}
	return m.event(&w.values, w.rest)
}

// syntaxError says where the JSON breaks, without its words.
func syntaxError(raw []byte) error {
	var value json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(raw, &value); errors.As(err, &syntax) && len(raw) > 0 {
		return fmt.Errorf("its JSON is broken at byte %d", syntax.Offset)
	}
	return errors.New("it is not JSON")
}

// walk goes once over a JSON text that is known to be valid.
type walk struct {
	m      *Map
	b      []byte
	i      int
	values values
	rest   []byte // an object of what was not mapped
	deep   bool   // nesting passed the limit
}

// object walks the object at i, depth levels down, and appends what n does not name to rest. It reports whether any was left.
func (w *walk) object(n *node, depth int) (kept bool, err error) {
	w.deep = w.deep || depth > sdk.MaxDepth
	w.i++ // {
	w.rest = append(w.rest, '{')
	for w.space(); w.b[w.i] != '}'; w.space() {
		if w.b[w.i] == ',' {
			w.i++
			w.space()
		}
		mark := len(w.rest)
		if kept {
			w.rest = append(w.rest, ',')
		}
		name := w.name()
		stays, err := w.value(n.below[name], depth)
		if err != nil {
			return false, err
		}
		if !stays {
			w.rest = w.rest[:mark]
		}
		kept = kept || stays
	}
	w.i++ // }
	w.rest = append(w.rest, '}')
	return kept, nil
}

// name reads a member's name and the colon, and copies both to rest.
func (w *walk) name() string {
	from := w.i
	w.skipString()
	raw := w.b[from:w.i]
	w.space()
	w.i++ // :
	w.space()
	w.rest = append(append(w.rest, raw...), ':')
	return unquote(raw)
}

// value walks the value at i, which n (if not nil) wants, and reports whether it went to rest.
func (w *walk) value(n *node, depth int) (stays bool, err error) {
	from := w.i
	c := w.b[from]
	switch {
	case n == nil:
		w.skip(depth)
	case (c == '{' || c == '[') && len(n.fields) > 0:
		return false, w.notScalar(n.fields[0])
	case c == '{':
		return w.object(n, depth+1)
	case c == '[':
		return true, w.list(n, depth+1)
	default:
		w.skip(depth)
		if len(n.fields) > 0 {
			w.set(n.fields, w.b[from:w.i])
			return false, nil
		}
	}
	w.rest = append(w.rest, w.b[from:w.i]...)
	return true, nil
}

func (w *walk) notScalar(f field) error {
	return fmt.Errorf("its member %s is an object or a list and cannot be the %s; map a member of it", w.m.paths[f], names()[f])
}

// list looks into the list at i for mapped items; all of it goes to rest.
func (w *walk) list(n *node, depth int) error {
	w.deep = w.deep || depth > sdk.MaxDepth
	from, mark := w.i, len(w.rest)
	w.i++ // [
	item := 0
	for w.space(); w.b[w.i] != ']'; w.space() {
		if w.b[w.i] == ',' {
			w.i++
			w.space()
		}
		if _, err := w.value(n.below[strconv.Itoa(item)], depth); err != nil {
			return err
		}
		item++
	}
	w.i++ // ]
	w.rest = append(w.rest[:mark], w.b[from:w.i]...)
	return nil
}

// set notes a scalar for the fields that want it; the last of several wins, as in encoding/json.
func (w *walk) set(fields []field, raw []byte) {
	s := ""
	switch raw[0] {
	case '"':
		s = unquote(raw)
	case 'n': // null
	default:
		s = string(raw)
	}
	for _, f := range fields {
		w.values[f] = s
	}
}

// skip passes over the value at i, which lies depth levels down.
func (w *walk) skip(depth int) {
	open := depth
	for {
		switch w.b[w.i] {
		case '"':
			w.skipString()
		case '{', '[':
			open++
			w.deep = w.deep || open > sdk.MaxDepth
			w.i++
		case '}', ']':
			open--
			w.i++
		case ',', ':', ' ', '\t', '\r', '\n':
			w.i++
		default:
			w.skipWord()
		}
		if open == depth || w.i == len(w.b) {
			return
		}
	}
}

func (w *walk) skipString() {
	w.i++
	for {
		n := bytes.IndexByte(w.b[w.i:], '"')
		quote := w.i + n
		w.i = quote + 1
		slashes := 0
		for w.b[quote-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return
		}
	}
}

// skipWord passes over a number, true, false or null.
func (w *walk) skipWord() {
	n := bytes.IndexAny(w.b[w.i:], ",]} \t\r\n")
	if n < 0 {
		n = len(w.b) - w.i
	}
	w.i += n
}

func (w *walk) space() {
	for w.b[w.i] == ' ' || w.b[w.i] == '\t' || w.b[w.i] == '\r' || w.b[w.i] == '\n' {
		w.i++
	}
}

// unquote returns the text of a JSON string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var s string
	_ = json.Unmarshal(raw, &s) // it was found valid
	return strings.ToValidUTF8(s, "\uFFFD")
}
