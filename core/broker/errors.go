package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// What callers tell apart with errors.Is.
var (
	// ErrFenced means another writer has written to the subject; see FencedError. The caller must stop writing.
	ErrFenced = errors.New("another writer has taken over")
	// ErrFull means a limit is reached and nothing was stored. It ends after Trim or when disk is freed.
	ErrFull = errors.New("the log is full")
	// ErrUnavailable means the server did not answer in time or not at all. What was sent may or may not be stored:
	// repeat it through the same Writer, which finds out.
	ErrUnavailable = errors.New("the log is unavailable")
	// ErrGone means the sequence is not there any more (trimmed or deleted).
	ErrGone = errors.New("no longer in the log")
	// ErrTooLarge means the message is above Config.MaxMessage. Repeating cannot help.
	ErrTooLarge = errors.New("message too large")
	// ErrDamaged means messages that were stored are missing or changed. A person must decide; see Damage.
	ErrDamaged = errors.New("the log is damaged")
	// ErrLocked means another process holds the data directory.
	ErrLocked = errors.New("data directory in use")
	// ErrClosed means Close was called.
	ErrClosed = errors.New("the log is closed")
)

// FencedError says whose expectation failed. errors.Is(err, ErrFenced) holds.
type FencedError struct {
	Stream  Stream
	Subject string
	Expect  uint64 // sequence the writer took for the last of the subject
	Last    uint64 // sequence found, 0 when unknown
}

// Error implements error.
func (e *FencedError) Error() string {
	return fmt.Sprintf("append to %s on %s: expected last sequence %d, found %d: %v", e.Subject, e.Stream, e.Expect,
		e.Last, ErrFenced)
}

// Unwrap implements the contract of errors.Is.
func (e *FencedError) Unwrap() error { return ErrFenced }

// API error codes of JetStream that the client library does not name.
const (
	codeAccountFull jetstream.ErrorCode = 10002
	codeServerFull  jetstream.ErrorCode = 10023
	codeStorageFull jetstream.ErrorCode = 10047
	codeStoreFailed jetstream.ErrorCode = 10077 // the reason is only in the text
)

// classify adds one of the errors above to what a request returned. ctx is the caller's, without the request's limit.
func (b *Broker) classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if b.closed.Load() {
		return ErrClosed
	}
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrGone
	}
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	switch api.ErrorCode {
	case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
		return fmt.Errorf("%w: %w", ErrFenced, err)
	case codeAccountFull, codeServerFull, codeStorageFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case codeStoreFailed:
		if strings.Contains(api.Description, "maximum bytes") {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
