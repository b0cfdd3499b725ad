package sdk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"
)

// Stamp returns the batch with another head: the hub puts in what a source must not say of itself. Where an adopted batch has
// room, that goes behind it as a second head, which protobuf merges with the first; else all is copied once, so that what it
// came in can be let go.
func (r *Records) Stamp(h Head) *Records {
	s := *r
	s.Head = h
	s.Count, s.First, s.Last = r.Count, r.First, r.Last
	if own, ok := s.addition(&r.Head); ok && len(own)+16 <= cap(r.raw)-len(r.raw) && !r.stamped {
		s.raw = appendBytes(r.raw, recHead, own)
		r.stamped, s.stamped = true, true // the room is taken
		if !bytes.Equal(h.Position, r.Position) {
			s.Position = s.raw[len(s.raw)-len(h.Position):] // the last thing in it
		}
		return &s
	}
	s.raw = s.encode()
	s.stamped = false
	s.body = s.raw[len(s.raw)-len(r.body):]
	s.rebase()
	return &s
}

// addition encodes what h says beyond old, with the position last; false when something of old would have to go.
func (h *Head) addition(old *Head) ([]byte, bool) {
	b := make([]byte, 0, 96+len(h.Source)+len(h.Position))
	ok := true
	number := func(field, now, before uint64, appendTo func([]byte, uint64, uint64) []byte) {
		if now != before {
			b = appendTo(b, field, now)
			ok = ok && now != 0
		}
	}
	if h.Source != old.Source {
		b = appendString(b, headSource, h.Source)
		ok = h.Source != ""
	}
	number(headPartition, uint64(h.Partition), uint64(old.Partition), appendVarint)
	number(headEpoch, h.Epoch, old.Epoch, appendVarint)
	number(headTotal, h.Total, old.Total, appendVarint)
	number(headRecorded, timeField(h.Recorded), timeField(old.Recorded), appendFixed64)
	if !bytes.Equal(h.Position, old.Position) {
		b = appendBytes(b, headPosition, h.Position)
		ok = ok && len(h.Position) > 0
	}
	return b, ok
}

// timeField is a time as the head holds it, 0 for none.
func timeField(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(nanosOf(t))
}

// rebase makes ids, keys and position views of raw, which encode has just written.
func (r *Records) rebase() {
	r.ids, r.keys = make([][]byte, 0, r.Count), make([][]byte, 0, r.Count)
	head, _ := lookupField(r.raw, recHead)
	for rest := head.b; len(rest) > 0; {
		f, next, err := nextField(rest)
		if err != nil {
			return // cannot be: we wrote it
		}
		rest = next
		switch f.num {
		case headIDs:
			r.ids = append(r.ids, f.b)
		case headKeys:
			r.keys = append(r.keys, f.b)
		case headPosition:
			r.Position = f.b
		}
	}
}

// encode writes head and body into a new buffer.
func (r *Records) encode() []byte {
	head := r.appendHead(make([]byte, 0, 128+len(r.Position)+len(r.ids)*64))
	b := make([]byte, 0, len(head)+len(r.body)+16)
	b = appendBytes(b, recHead, head)
	b = binary.AppendUvarint(appendTag(b, recBody, wireBytes), uint64(len(r.body)))
	return append(b, r.body...)
}

func (r *Records) appendHead(b []byte) []byte {
	b = appendVarint(b, headCount, uint64(r.Count))
	b = appendString(b, headSource, r.Source)
	b = appendVarint(b, headPartition, uint64(r.Partition))
	b = appendVarint(b, headEpoch, r.Epoch)
	b = appendVarint(b, headTotal, r.Total)
	b = appendTime(b, headFirst, r.First)
	b = appendTime(b, headLast, r.Last)
	b = appendTime(b, headRecorded, r.Recorded)
	b = appendBytes(b, headPosition, r.Position)
	b = binary.LittleEndian.AppendUint32(appendTag(b, headCRC, wireFixed32), r.crc)
	b = appendLengths(b, r.ends)
	for i := range r.ids {
		b = appendEntry(b, headIDs, r.ids[i])
	}
	for i := range r.keys {
		b = appendEntry(b, headKeys, r.keys[i])
	}
	return appendPacked(b, headRejected, r.rejected)
}

// appendEntry appends one element of a repeated field, empty or not.
func appendEntry(b []byte, field uint64, s []byte) []byte {
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(s)))
	return append(b, s...)
}

func appendLengths(b []byte, ends []uint32) []byte {
	lengths := make([]uint32, len(ends))
	start := uint32(0)
	for i, end := range ends {
		lengths[i] = end - start
		start = end
	}
	return appendPacked(b, headLengths, lengths)
}

func appendTime(b []byte, field uint64, t time.Time) []byte {
	return appendFixed64(b, field, timeField(t))
}

// nanosOf returns t in Unix nanoseconds. What does not fit 64 bits becomes the nearest moment that does (a retention "until
// 9999" ends in 2262), and the epoch itself one nanosecond more, since 0 means none.
func nanosOf(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	if n := t.UnixNano(); n != 0 {
		return n
	}
	return 1
}

// unixNano reads a time; zero means none.
func unixNano(n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}

// Slice returns a batch of the events in ordinals alone, with the same head otherwise. The hub makes one-event batches of
// it for the dead letters.
func (r *Records) Slice(ordinals []uint32) (*Records, error) {
	s := &Records{Head: r.Head}
	s.Count = len(ordinals)
	for _, i := range ordinals {
		if int(i) >= r.Count {
			return nil, fmt.Errorf("record batch: no event %d, there are %d", i, r.Count)
		}
		s.body = append(s.body, r.event(int(i))...)
		s.ends = append(s.ends, uint32(len(s.body)))
		s.ids = append(s.ids, r.ids[i])
		s.keys = append(s.keys, r.keys[i])
	}
	for place, i := range ordinals {
		if slices.Contains(r.rejected, i) {
			s.rejected = append(s.rejected, uint32(place))
		}
	}
	s.crc = checksum(s.body)
	s.raw = s.encode()
	return s, nil
}
