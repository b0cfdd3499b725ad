package sdk

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Builder collects events into a record batch. The plugin half of sdk/wire and the hub (for insights) use it; a plugin author
// does not.
type Builder struct {
	body     []byte
	ends     []uint32
	ids      [][]byte
	keys     [][]byte
	rejected []uint32
	first    time.Time
	last     time.Time
}

// Len returns the number of events, Size the bytes of the body.
func (b *Builder) Len() int  { return len(b.ends) }
func (b *Builder) Size() int { return len(b.body) }

// Full reports whether a batch should leave.
func (b *Builder) Full() bool { return len(b.ends) >= MaxEvents || len(b.body) >= MaxBatchBytes }

// Add encodes one event. It fills in what the source left open (id, type, key, time) and refuses what no batch may hold; a
// refused event leaves the builder unchanged.
func (b *Builder) Add(e *Event) error {
	typ, err := typeOf(e)
	if err != nil {
		return err
	}
	id := e.ID
	if id == "" && e.Feedback != nil && e.Feedback.Native.ID != "" {
		id = FeedbackID(e.Feedback.Native)
	}
	if err := checkID(id); err != nil {
		return err
	}
	key := keyOf(e, id)
	if len(key) > MaxID {
		return Errorf(Invalid, "event %s: its ordering key has %d bytes, at most %d are allowed", id, len(key), MaxID)
	}
	at := e.Time
	if at.IsZero() {
		at = time.Now()
	}
	at = time.Unix(0, nanosOf(at)).UTC()
	if err := checkText(id, e); err != nil {
		return err
	}
	start := len(b.body)
	b.body = appendEvent(b.body, e, typ, at)
	if n := len(b.body) - start; n > MaxEventBytes {
		b.body = b.body[:start]
		return Errorf(Invalid, "event %s: %d bytes encoded, at most %d are allowed", id, n, MaxEventBytes)
	}
	b.note(id, key, typ, at)
	return nil
}

func (b *Builder) note(id, key, typ string, at time.Time) {
	if typ == TypeRejected {
		b.rejected = append(b.rejected, uint32(len(b.ends)))
	}
	b.ends = append(b.ends, uint32(len(b.body)))
	b.ids = append(b.ids, []byte(id))
	b.keys = append(b.keys, []byte(key))
	if b.first.IsZero() || at.Before(b.first) {
		b.first = at
	}
	if at.After(b.last) {
		b.last = at
	}
}

func typeOf(e *Event) (string, error) {
	switch {
	case e.Type != "":
		return e.Type, nil
	case e.Feedback != nil:
		return TypeFeedback, nil
	case e.Insight != nil:
		return TypeInsight, nil
	}
	return "", Errorf(Invalid, "event %q has neither a type nor feedback: set Event.Type or Event.Feedback", e.ID)
}

func checkID(id string) error {
	switch {
	case id == "":
		return Errorf(Invalid, "event without id: set Event.ID, or Feedback.Native.ID to derive one")
	case len(id) > MaxID:
		return Errorf(Invalid, "event id of %d bytes, at most %d are allowed", len(id), MaxID)
	case !utf8.ValidString(id):
		return Errorf(Invalid, "event id is not valid UTF-8")
	}
	return nil
}

// checkText keeps bytes that are no text out of the log: in protobuf and JSON a string is UTF-8.
func checkText(id string, e *Event) error {
	valid := utf8.Valid(e.Data)
	if f := e.Feedback; f != nil {
		valid = valid && utf8.ValidString(f.Text) && utf8.ValidString(f.Title) && utf8.ValidString(f.HTML)
	}
	if !valid {
		return Errorf(Invalid, "event %s: its text or data is not valid UTF-8; decode the channel's encoding first, or reject the entry", id)
	}
	return nil
}

// keyOf says what orders an event: its own key, else its author, else nothing but itself.
func keyOf(e *Event, id string) string {
	switch {
	case e.Key != "":
		return e.Key
	case e.Feedback != nil && e.Feedback.Author.ID != "":
		return e.Feedback.Author.ID
	}
	return id
}

// Records returns the batch with the given position and empties the builder for the next one.
func (b *Builder) Records(at Position) (*Records, error) {
	if len(at) > MaxPosition {
		return nil, fmt.Errorf("position of %d bytes, at most %d are allowed", len(at), MaxPosition)
	}
	r := &Records{
		Head: Head{Count: len(b.ends), First: b.first, Last: b.last, Position: at},
		body: b.body, ends: b.ends, ids: b.ids, keys: b.keys, rejected: b.rejected, crc: checksum(b.body),
	}
	r.raw = r.encode()
	r.body = r.raw[len(r.raw)-len(b.body):]
	*b = Builder{body: b.body[:0]}
	return r, nil
}

// Truncate takes back all but the first n events, as if the later ones had not been added. For a caller that adds several
// events as one step.
func (b *Builder) Truncate(n int) {
	if n >= len(b.ends) {
		return
	}
	end := uint32(0)
	if n > 0 {
		end = b.ends[n-1]
	}
	b.body = b.body[:end]
	b.ends, b.ids, b.keys = b.ends[:n], b.ids[:n], b.keys[:n]
	for len(b.rejected) > 0 && int(b.rejected[len(b.rejected)-1]) >= n {
		b.rejected = b.rejected[:len(b.rejected)-1]
	}
}
