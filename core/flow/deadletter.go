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
	// Records is a record batch of the one event, Additions what analyzers had added to it.
	Records   []byte   `json:"records"`
	Additions [][]byte `json:"additions,omitempty"`
}

// deadLetters writes dead letters of one pipeline.
type deadLetters struct {
	log      *broker.Broker
	pipeline string
}

// subject is dlq.<stage>.<pipeline>.<name>.
func (d *deadLetters) write(ctx context.Context, letter DeadLetter) error {
	letter.Pipeline, letter.Time = d.pipeline, time.Now().UTC()
	data, err := json.Marshal(letter)
	if err != nil {
		return fmt.Errorf("encode dead letter: %w", err)
	}
	subject := strings.Join([]string{broker.Dead.Prefix(), letter.Stage, d.pipeline, Token(letter.At)}, ".")
	return persist(ctx, func() error {
		_, err := d.log.Append(ctx, broker.Message{Stream: broker.Dead, Subject: subject, Data: data})
		return err
	}, nil)
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
