package sdk

import (
	"slices"
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
	times    []int64 // of the events, Unix nanoseconds
	rejected []uint32
	index    int // bytes of ids and keys
}

// Len returns the number of events, Size the bytes they take: their encoding, ids and keys.
func (b *Builder) Len() int  { return len(b.ends) }
func (b *Builder) Size() int { return len(b.body) + b.index }

// Full reports whether a batch should leave.
func (b *Builder) Full() bool { return b.Len() >= MaxEvents || b.Size() >= MaxBatchBytes }

// Add encodes one event. It fills in what the source left open (id, type, key, time) and refuses what no batch may hold; a
// refused event leaves the builder unchanged.
func (b *Builder) Add(e *Event) error {
	if b.Len() >= MaxEvents {
		return Errorf(Invalid, "more than %d events for one batch", MaxEvents)
	}
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
	if !validEvent(e) {
		return Errorf(Invalid, "event %s: its text or data is not valid UTF-8; decode the channel's encoding first, or reject the entry", id)
	}
	at := nanosOf(e.Time)
	if e.Time.IsZero() {
		at = nanosOf(time.Now())
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

func (b *Builder) note(id, key, typ string, at int64) {
	if typ == TypeRejected {
		b.rejected = append(b.rejected, uint32(len(b.ends)))
	}
	b.ends = append(b.ends, uint32(len(b.body)))
	b.ids = append(b.ids, []byte(id))
	b.keys = append(b.keys, []byte(key))
	b.times = append(b.times, at)
	b.index += len(id) + len(key)
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
		return nil, Errorf(Invalid, "position of %d bytes, at most %d are allowed", len(at), MaxPosition)
	}
	r := &Records{
		Head: Head{Count: len(b.ends), Position: at},
		body: b.body, ends: b.ends, ids: b.ids, keys: b.keys, rejected: b.rejected, crc: checksum(b.body),
	}
	if len(b.times) > 0 {
		r.First, r.Last = unixNano(uint64(slices.Min(b.times))), unixNano(uint64(slices.Max(b.times)))
	}
	r.raw = r.encode()
	r.body = r.raw[len(r.raw)-len(b.body):]
	*b = Builder{body: b.body[:0], times: b.times[:0]}
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
	for i := n; i < len(b.ids); i++ {
		b.index -= len(b.ids[i]) + len(b.keys[i])
	}
	b.body = b.body[:end]
	b.ends, b.ids, b.keys, b.times = b.ends[:n], b.ids[:n], b.keys[:n], b.times[:n]
	for len(b.rejected) > 0 && int(b.rejected[len(b.rejected)-1]) >= n {
		b.rejected = b.rejected[:len(b.rejected)-1]
	}
}
