package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// Stages at which an event can become a dead letter.
const (
	StageSource  = "source"
	StageAnalyze = "analyze"
	StageSink    = "sink"
)

// DeadLetter is one event that could not go on, with the reason. It is what the DLQ stream holds, as JSON.
type DeadLetter struct {
	Pipeline string `json:"pipeline"`
	Stage    string `json:"stage"`
	// At is the address of the source, analyzer or sink that refused.
	At    string `json:"at"`
	Event string `json:"event"`
	// Code, Field and Reason are the refuser's own words; they hold no text of a customer.
	Code     string    `json:"code,omitempty"`
	Field    string    `json:"field,omitempty"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	Time     time.Time `json:"time"`
	// Step is the step's sequence and Unit the unit (stage sink), Input the batch's sequence (other stages); Ordinal is the
	// event's place in it. They make a letter that was written twice around a crash recognisable.
	Step    uint64 `json:"step,omitempty"`
	Input   uint64 `json:"input,omitempty"`
	Unit    uint32 `json:"unit,omitempty"`
	Ordinal uint32 `json:"ordinal"`
	// Shared tells that other sinks got the event too. It is in the books once, whatever they do: Origin, the same in all their
	// letters and in those of later tries, shows which belong together.
	Shared bool   `json:"shared,omitempty"`
	Origin string `json:"origin,omitempty"`
	// Records is a record batch of the one event, Additions what analyzers had added to it.
	Records   []byte   `json:"records"`
	Additions [][]byte `json:"additions,omitempty"`
}

// deadLetters writes dead letters of one pipeline.
type deadLetters struct {
	log      *broker.Broker
	pipeline string
}

// write stores a letter under dlq.<stage>.<pipeline>.<name>, with the origin behind it when it has one.
func (d *deadLetters) write(ctx context.Context, letter DeadLetter) error {
	letter.Pipeline, letter.Time = d.pipeline, time.Now().UTC()
	data, err := json.Marshal(letter)
	if err != nil {
		return fmt.Errorf("encode dead letter: %w", err)
	}
	subject := strings.Join([]string{broker.Dead.Prefix(), letter.Stage, d.pipeline, Token(letter.At)}, ".")
	if letter.Origin != "" {
		subject += "." + letter.Origin
	}
	return persist(ctx, func() error {
		_, err := d.log.Append(ctx, broker.Message{Stream: broker.Dead, Subject: subject, Data: data})
		return err
	}, nil)
}

// SharedLetters is the subject of all letters of the event that d is about.
func SharedLetters(d *DeadLetter) string {
	return strings.Join([]string{broker.Dead.Prefix(), d.Stage, d.Pipeline, "*", d.Origin}, ".")
}

// Same reports whether d and o are one letter that was written twice, around a crash or because the log did not answer.
func (d *DeadLetter) Same(o *DeadLetter) bool {
	return d.Pipeline == o.Pipeline && d.Stage == o.Stage && d.Step == o.Step && d.Input == o.Input && d.Unit == o.Unit &&
		d.Ordinal == o.Ordinal && (d.Stage != StageSink || d.At == o.At)
}

// ParseDeadLetter reads an entry of the DLQ stream.
func ParseDeadLetter(data []byte) (*DeadLetter, error) {
	var d DeadLetter
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("read dead letter: %w", err)
	}
	return &d, nil
}

// Token makes an address a part of a subject: its dots become dashes, so that it stays one token.
func Token(address string) string { return strings.ReplaceAll(address, ".", "-") }

// single returns a record batch of event i alone.
func single(r *sdk.Records, i uint32) ([]byte, error) {
	one, err := r.Slice([]uint32{i})
	if err != nil {
		return nil, err
	}
	return one.Bytes(), nil
}
