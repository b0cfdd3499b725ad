package flow

import (
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// Carry returns what stays of the last message of a subject when the log is trimmed behind it: a source's position without
// its events, a pipeline's checkpoint without its outputs. It is broker.Trim's carry.
func Carry(e broker.Entry) []byte {
	switch e.Stream {
	case broker.Events:
		r, err := sdk.ParseRecords(e.Data)
		if err != nil {
			return e.Data // damaged: whoever reads it must see that
		}
		head, err := r.Slice(nil)
		if err != nil {
			return e.Data
		}
		return head.Bytes()
	case broker.Insights:
		s, err := DecodeStep(e.Data)
		if err != nil {
			return e.Data
		}
		return (&Step{Input: s.Input, Read: s.Read, Source: s.Source, Totals: s.Totals, Letter: s.Letter}).Encode()
	}
	return e.Data
}

// Verify is broker.Config.Verify: it tells whether a stored message is what was written.
func Verify(s broker.Stream, data []byte) error {
	var err error
	switch s {
	case broker.Events:
		_, err = sdk.ParseRecords(data)
	case broker.Insights:
		_, err = DecodeStep(data)
	case broker.Dead:
		_, err = ParseDeadLetter(data)
	}
	return err
}

// Count is broker.Config.Count: how many events a source or a pipeline has had, up to and with a stored message.
func Count(s broker.Stream, data []byte) (total, n uint64) {
	switch s {
	case broker.Events:
		if r, err := sdk.ParseRecords(data); err == nil {
			return r.Total, uint64(r.Len())
		}
	case broker.Insights:
		if step, err := DecodeStep(data); err == nil {
			for _, t := range step.Totals {
				total += t.N - t.Base
			}
			if step.Input != 0 {
				n = uint64(step.Count)
			}
			return total, n
		}
	}
	return 0, 0
}
