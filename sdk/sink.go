package sdk

import (
	"context"
	"time"
)

// Sink writes to a system.
type Sink interface {
	// Write writes the events and answers for each of them: len(results) == in.Len(), in the same order. Results start as
	// done, so that a sink which commits the batch as one returns in.Results(). A done event must be durable in the target
	// system: the hub forgets it. An error concerns every event of the batch: a temporary one (sdk.Unavailable,
	// sdk.Exhausted) is tried again, any other rejects the events with its code.
	//
	// After a crash events may come again, with the same ID: the ID is the idempotency key. Called by one goroutine at a time.
	Write(ctx context.Context, in *Batch) ([]Result, error)
}

// Outcome is what became of one event in a sink.
type Outcome uint8

// The outcomes. Done is the zero value.
const (
	Done      Outcome = iota // written; Receipt may name the record
	Duplicate                // was there already; counts as delivered
	Retry                    // not now: try again after After; later events of its key wait
	Reject                   // never: goes to the dead letters with Code and Field
	Fatal                    // the sink cannot work at all (wrong credentials, no such table): the hub stops it, loudly
)

func (o Outcome) String() string {
	return [...]string{"done", "duplicate", "retry", "reject", "fatal"}[min(o, Fatal)]
}

// Result answers for one event.
type Result struct {
	Outcome Outcome
	// Receipt is the target's id for the record that was written (done, duplicate).
	Receipt string
	// After is how long to wait before the next try (retry); zero leaves it to the hub.
	After time.Duration
	// Code is the target's own code for a refusal ("23505", "http 422"), Field what it objected to.
	Code, Field string
	// Message says what went wrong, for people. It must not contain the customer's words.
	Message string
}

// DoneWith returns the result of an event that was written as the record named receipt.
func DoneWith(receipt string) Result { return Result{Receipt: receipt} }

// DuplicateOf returns the result of an event that the target had already, as the record named receipt.
func DuplicateOf(receipt string) Result { return Result{Outcome: Duplicate, Receipt: receipt} }

// RetryAfter returns the result of an event that should be tried again after d (zero: the hub's back-off).
func RetryAfter(d time.Duration, message string) Result {
	return Result{Outcome: Retry, After: d, Message: message}
}

// RejectWith returns the result of an event that the target will never take.
func RejectWith(code, field, message string) Result {
	return Result{Outcome: Reject, Code: code, Field: field, Message: message}
}

// FatalWith returns the result that stops the sink.
func FatalWith(code, message string) Result {
	return Result{Outcome: Fatal, Code: code, Message: message}
}
