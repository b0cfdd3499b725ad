package sdk

import (
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Head is what the hub knows of a record batch without decoding its events.
type Head struct {
	// Source is the address of the source, Partition where its events are ordered. Set by the hub.
	Source    string
	Partition uint32
	// Epoch is the generation of the source's instance that emitted the batch. Set by the hub.
	Epoch uint64
	// Recorded is when the hub wrote it.
	Recorded time.Time
	// First and Last bound the events' own times.
	First, Last time.Time
	// Position is where the source stands after this batch.
	Position Position
	// Count is the number of events.
	Count int
	// Total is the number of events that the source has emitted, this batch included. Set by the hub.
	Total uint64
}

// Field numbers of Records and its Head in records.proto.
const (
	recHead = 1
	recBody = 2

	headCount     = 1
	headSource    = 2
	headPartition = 3
	headFirst     = 4
	headLast      = 5
	headPosition  = 6
	headCRC       = 7
	headLengths   = 8
	headIDs       = 9
	headKeys      = 10
	headRecorded  = 11
	headEpoch     = 12
	headRejected  = 13
	headTotal     = 14
)

// Records is a record batch: a small head with an index, and a body of encoded events that the hub passes on as it is. It is
// the unit on the wire, in the log and in the acknowledgement. A Records value is immutable and shares the buffer it was
// parsed from.
type Records struct {
	Head
	raw      []byte   // the whole batch as encoded
	body     []byte   // the encoded events, one after the other
	ends     []uint32 // where each event ends in body
	ids      [][]byte
	keys     [][]byte
	rejected []uint32
	crc      uint32
	stamped  bool // raw has its second head, or the room for it is taken
}

// ParseRecords reads a batch's head and checks that it fits its body: counts, bounds, lengths, checksum. It does not decode
// the events. The result keeps views of b.
func ParseRecords(b []byte) (*Records, error) { return AdoptRecords(slices.Clip(b)) }

// AdoptRecords is ParseRecords for a batch that owns the memory behind b, up to its capacity: Stamp may write there. The hub's
// half of sdk/wire calls it.
func AdoptRecords(b []byte) (*Records, error) {
	r := &Records{raw: b}
	var heads heads
	err := eachField(b, func(f field) error {
		switch f.num {
		case recHead:
			return heads.add(f.b)
		case recBody:
			r.body = f.b
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("record batch: %w", err)
	}
	r.stamped = heads.n > 1
	if err := r.parseHeads(heads); err != nil {
		return nil, fmt.Errorf("record batch head: %w", err)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

// heads are the plugin's head and the hub's, which says what is not in the plugin's. Protobuf merges the two.
type heads struct {
	list [2][]byte
	n    int
}

func (h *heads) add(b []byte) error {
	if h.n == len(h.list) {
		return errors.New("more than two heads: one of the plugin and one of the hub are allowed")
	}
	h.list[h.n] = b
	h.n++
	return nil
}

func (r *Records) parseHeads(h heads) error {
	for _, head := range h.list[:h.n] {
		f, ok := firstField(head, headCount)
		if f.n > MaxEvents {
			return fmt.Errorf("%d events, at most %d are allowed", f.n, MaxEvents)
		}
		if ok {
			r.Count = int(f.n)
		}
	}
	r.ends = make([]uint32, 0, r.Count)
	lists := make([][]byte, 2*r.Count)
	r.ids, r.keys = lists[:0:r.Count], lists[r.Count:r.Count]
	for _, head := range h.list[:h.n] {
		if err := r.parseHead(head); err != nil {
			return err
		}
	}
	return nil
}

func (r *Records) parseHead(head []byte) error {
	for len(head) > 0 {
		f, rest, err := nextField(head)
		if err != nil {
			return err
		}
		head = rest
		if err := r.headField(f); err != nil {
			return err
		}
	}
	return nil
}

func (r *Records) headField(f field) (err error) {
	switch f.num {
	case headIDs, headKeys:
		list := &r.ids
		if f.num == headKeys {
			list = &r.keys
		}
		if len(*list) == r.Count || len(f.b) > MaxID {
			return fmt.Errorf("more ids or keys than events, or one over %d bytes", MaxID)
		}
		if !utf8.Valid(f.b) {
			return errors.New("an id or key that is not valid UTF-8")
		}
		*list = append(*list, f.b)
	case headLengths:
		r.ends, err = packedUints(f.b, r.ends, r.Count)
	case headSource:
		r.Source = f.str()
	case headPartition:
		r.Partition = uint32(f.n)
	case headTotal:
		r.Total = f.n
	case headEpoch:
		r.Epoch = f.n
	case headFirst:
		r.First = unixNano(f.n)
	case headLast:
		r.Last = unixNano(f.n)
	case headRecorded:
		r.Recorded = unixNano(f.n)
	case headPosition:
		if len(f.b) > MaxPosition {
			return fmt.Errorf("position of %d bytes, at most %d are allowed", len(f.b), MaxPosition)
		}
		r.Position = f.b
	case headCRC:
		r.crc = uint32(f.n)
	case headRejected:
		r.rejected, err = packedUints(f.b, r.rejected, r.Count)
	case headCount:
		if f.n != uint64(r.Count) {
			return errors.New("two numbers of events")
		}
	}
	return err
}

// check turns lengths into ends and verifies that index and body agree.
func (r *Records) check() error {
	if len(r.ends) != r.Count || len(r.ids) != r.Count || len(r.keys) != r.Count {
		return fmt.Errorf("record batch index: %d events, but %d lengths, %d ids, %d keys", r.Count, len(r.ends), len(r.ids), len(r.keys))
	}
	var end uint64
	for i, n := range r.ends {
		if n > MaxEventBytes {
			return fmt.Errorf("record batch: event %d has %d bytes, at most %d are allowed", i, n, MaxEventBytes)
		}
		if len(r.ids[i]) == 0 {
			return fmt.Errorf("record batch: event %d has no id", i)
		}
		end += uint64(n)
		r.ends[i] = uint32(min(end, math.MaxUint32))
	}
	if end != uint64(len(r.body)) {
		return fmt.Errorf("record batch: the events' lengths add up to %d, the body has %d bytes", end, len(r.body))
	}
	for place, i := range r.rejected {
		if int(i) >= r.Count || place > 0 && i <= r.rejected[place-1] {
			return fmt.Errorf("record batch: event %d of %d is marked as rejected, out of order or beyond the end", i, r.Count)
		}
	}
	if sum := checksum(r.body); sum != r.crc {
		return fmt.Errorf("record batch: checksum of the body is %08x, the head says %08x: the data was damaged on the way or on disk", sum, r.crc)
	}
	return nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// Len returns the number of events.
func (r *Records) Len() int { return r.Count }

// Bytes returns the batch as encoded. The caller must not change it.
func (r *Records) Bytes() []byte { return r.raw }

// ID and Key return the id and the ordering key of event i.
func (r *Records) ID(i int) string  { return string(r.ids[i]) }
func (r *Records) Key(i int) string { return string(r.keys[i]) }

// KeyBytes returns the ordering key of event i without copying it.
func (r *Records) KeyBytes(i int) []byte { return r.keys[i] }

// Rejected returns the ordinals of events that the source could not read (Rejected).
func (r *Records) Rejected() []uint32 { return r.rejected }

// event returns the encoded event i.
func (r *Records) event(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.body[start:r.ends[i]]
}
