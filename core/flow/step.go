package flow

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pintle-hub/pintle/sdk"
)

// Step is what a pipeline made of one batch, and where its parts must go. It is one message of the log: outputs and
// checkpoint (Input) cannot disagree. // promise 11
type Step struct {
	// Input is the batch's sequence in the events stream; 0 when Embedded holds the batch itself (a replayed dead letter).
	Input uint64
	// Read is the newest batch that was read before, where Input does not tell.
	Read     uint64
	Source   string // the batch's source
	Embedded []byte
	// Analyzed tells that the analyzers have seen what is embedded.
	Analyzed bool
	Count    uint32 // events in the batch

	// Additions of all analyzers in the order of the chain, as encoded; an entry may be empty.
	Additions [][]byte
	// Emitted holds the record batches of new events (insights), as encoded.
	Emitted [][]byte
	// Dead are the events that analysis or the source gave up; their dead letters are written already.
	Dead []uint32
	// Drops counts events by the rule that took them out; what no route wanted goes by RuleUnrouted.
	Drops []Drop
	// Routed is how many events go to a sink at least, EmittedRouted the same for new events.
	Routed, EmittedRouted uint32
	Selections            []Selection

	// Redeemed counts dead letters that this step replays or drops: they leave the dead letters.
	// RedeemedEmitted is the same for new events; without Emitted they were dropped.
	Redeemed, RedeemedEmitted uint32
	// Uncounted steps redeem one of several letters of an event: the event stays among the dead as long as there is another.
	Uncounted bool
	// Origin is that of the letter a step redeems, when other sinks got the event too.
	Origin string
	// Letter is the newest dead letter that this step, or one before it, has redeemed. // a letter is redeemed once
	Letter uint64
	// Totals are the counts of each source as of this step, for the books.
	Totals []Total
}

// Drop is a number of events taken out by a named rule.
type Drop struct {
	Rule string
	N    uint32
}

// RuleUnrouted names the drop of events that no route wanted.
const RuleUnrouted = "no route"

// Total is how far a pipeline is with a source: N is the source's own count as of the newest batch read, Base its count
// before the first one, so that N - Base events were read.
type Total struct {
	Source  string
	N, Base uint64
	// End is the source's count up to which it is still read after it has left the pipeline; 0 as long as it belongs to it.
	End uint64
}

// Selection says which events of one unit a sink gets. Unit 0 is the batch, unit n the n-th of Emitted.
type Selection struct {
	Sink   string
	Unit   uint32
	All    bool
	Events []uint32
}

// Field numbers of a step's encoding, which is protobuf's. Numbers are never reused.
const (
	stInput = iota + 1
	stSource
	stEmbedded
	stCount
	stAdditions
	stEmitted
	stDead
	stDrops
	stRouted
	stEmittedRouted
	stSelections
	stRedeemed
	stTotals
	stRedeemedEmitted
	stUncounted
	stLetter
	stOrigin
	stRead
	stAnalyzed
)

// Encode returns the step as it is stored.
func (s *Step) Encode() []byte {
	size := 64 + len(s.Embedded)
	for _, a := range s.Additions {
		size += len(a) + 8
	}
	for _, e := range s.Emitted {
		size += len(e) + 8
	}
	b := make([]byte, 0, size)
	b = appendUint(b, stInput, s.Input)
	b = appendText(b, stSource, []byte(s.Source))
	b = appendText(b, stEmbedded, s.Embedded)
	b = appendUint(b, stCount, uint64(s.Count))
	for _, a := range s.Additions {
		b = protowire.AppendBytes(protowire.AppendTag(b, stAdditions, protowire.BytesType), a)
	}
	for _, e := range s.Emitted {
		b = protowire.AppendBytes(protowire.AppendTag(b, stEmitted, protowire.BytesType), e)
	}
	b = appendList(b, stDead, s.Dead)
	for _, d := range s.Drops {
		b = appendText(b, stDrops, appendUint(appendText(nil, 1, []byte(d.Rule)), 2, uint64(d.N)))
	}
	b = appendUint(b, stRouted, uint64(s.Routed))
	b = appendUint(b, stEmittedRouted, uint64(s.EmittedRouted))
	for i := range s.Selections {
		b = appendText(b, stSelections, s.Selections[i].encode())
	}
	b = appendUint(b, stRedeemed, uint64(s.Redeemed))
	b = appendUint(b, stRedeemedEmitted, uint64(s.RedeemedEmitted))
	if s.Uncounted {
		b = appendUint(b, stUncounted, 1)
	}
	b = appendUint(b, stLetter, s.Letter)
	b = appendText(b, stOrigin, []byte(s.Origin))
	b = appendUint(b, stRead, s.Read)
	if s.Analyzed {
		b = appendUint(b, stAnalyzed, 1)
	}
	for _, t := range s.Totals {
		b = appendText(b, stTotals, appendUint(appendUint(appendUint(appendText(nil, 1, []byte(t.Source)), 2, t.N), 3, t.Base), 4, t.End))
	}
	return b
}

func (s *Selection) encode() []byte {
	b := appendText(nil, 1, []byte(s.Sink))
	b = appendUint(b, 2, uint64(s.Unit))
	if s.All {
		return appendUint(b, 3, 1)
	}
	return appendList(b, 4, s.Events)
}

func appendUint(b []byte, num protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), n)
}

func appendText(b []byte, num protowire.Number, s []byte) []byte {
	if len(s) == 0 {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func appendList(b []byte, num protowire.Number, list []uint32) []byte {
	var packed []byte
	for _, v := range list {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	return appendText(b, num, packed)
}

// DecodeStep reads a step. It keeps views of b.
func DecodeStep(b []byte) (*Step, error) {
	s := &Step{}
	err := eachField(b, s.field)
	if err != nil {
		return nil, fmt.Errorf("step: %w", err)
	}
	return s, nil
}

func (s *Step) field(num protowire.Number, n uint64, b []byte) (err error) {
	switch num {
	case stInput:
		s.Input = n
	case stSource:
		s.Source = string(b)
	case stEmbedded:
		s.Embedded = b
	case stCount:
		s.Count = uint32(n)
	case stAdditions:
		s.Additions = append(s.Additions, b)
	case stEmitted:
		s.Emitted = append(s.Emitted, b)
	case stDead:
		s.Dead, err = unpack(b)
	case stDrops:
		rule, n, err := named(b)
		s.Drops = append(s.Drops, Drop{rule, uint32(n)})
		return err
	case stRouted:
		s.Routed = uint32(n)
	case stEmittedRouted:
		s.EmittedRouted = uint32(n)
	case stSelections:
		return s.selection(b)
	case stRedeemed:
		s.Redeemed = uint32(n)
	case stRedeemedEmitted:
		s.RedeemedEmitted = uint32(n)
	case stUncounted:
		s.Uncounted = n != 0
	case stLetter:
		s.Letter = n
	case stRead:
		s.Read = n
	case stAnalyzed:
		s.Analyzed = n != 0
	case stOrigin:
		s.Origin = string(b)
	case stTotals:
		return s.total(b)
	}
	return err
}

func (s *Step) selection(b []byte) error {
	var sel Selection
	err := eachField(b, func(num protowire.Number, n uint64, b []byte) (err error) {
		switch num {
		case 1:
			sel.Sink = string(b)
		case 2:
			sel.Unit = uint32(n)
		case 3:
			sel.All = n != 0
		case 4:
			sel.Events, err = unpack(b)
		}
		return err
	})
	s.Selections = append(s.Selections, sel)
	return err
}

// named reads a nested message of a name and a number.
func named(b []byte) (name string, n uint64, err error) {
	err = eachField(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			name = string(b)
		case 2:
			n = v
		}
		return nil
	})
	return name, n, err
}

func (s *Step) total(b []byte) error {
	var t Total
	err := eachField(b, func(num protowire.Number, n uint64, b []byte) error {
		switch num {
		case 1:
			t.Source = string(b)
		case 2:
			t.N = n
		case 3:
			t.Base = n
		case 4:
			t.End = n
		}
		return nil
	})
	s.Totals = append(s.Totals, t)
	return err
}

func eachField(b []byte, yield func(num protowire.Number, n uint64, b []byte) error) error {
	for len(b) > 0 {
		num, typ, size := protowire.ConsumeTag(b)
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		var n uint64
		var text []byte
		switch typ {
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			text, size = protowire.ConsumeBytes(b)
		default:
			size = protowire.ConsumeFieldValue(num, typ, b)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		if err := yield(num, n, text); err != nil {
			return err
		}
	}
	return nil
}

func unpack(b []byte) ([]uint32, error) {
	var list []uint32
	for len(b) > 0 {
		v, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		if len(list) >= sdk.MaxEvents {
			return nil, fmt.Errorf("list of more than %d events", sdk.MaxEvents)
		}
		list = append(list, uint32(v))
		b = b[size:]
	}
	return list, nil
}

// emittedCount returns the number of new events in unit i of Emitted, 0 when it cannot be read.
func (s *Step) emittedCount(i int) int {
	r, err := sdk.ParseRecords(s.Emitted[i])
	if err != nil {
		return 0
	}
	return r.Len()
}
