package sdk

import (
	"errors"
	"fmt"
	"time"
)

// Code classifies an error for whoever must decide what to do next. Codes cross process borders; texts are for people.
type Code string

// The codes. Unavailable and Exhausted are temporary: the hub tries again. The others are not.
const (
	Invalid     Code = "invalid"     // the input is wrong and will stay wrong
	Denied      Code = "denied"      // credentials or rights are missing
	NotFound    Code = "notfound"    // what was named does not exist
	Unavailable Code = "unavailable" // the other side cannot be reached now
	Exhausted   Code = "exhausted"   // a limit was reached; try later
	Internal    Code = "internal"    // a bug or an unknown fault
)

// Error is an error with a code. Make one with Errorf; read the code of any error with CodeOf.
type Error struct {
	Code    Code
	Message string
	// RetryAfter is how long the other side asked us to wait; zero means the hub decides.
	RetryAfter time.Duration
	// Stack is where a panic happened in a plugin, for its developer.
	Stack string
	cause error
}

// Errorf returns an *Error; %w works as in fmt.Errorf. An *Error among the causes hands on its RetryAfter and Stack, not its
// code.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Code: code, Message: err.Error(), cause: errors.Unwrap(err)}
	if _, many := err.(interface{ Unwrap() []error }); many {
		e.cause = err
	}
	var deeper *Error
	if errors.As(e.cause, &deeper) {
		e.RetryAfter, e.Stack = deeper.RetryAfter, deeper.Stack
	}
	return e
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause given with %w, or nil.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the first *Error in err's chain, Internal for any other error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Temporary reports whether the same call may succeed later without anyone changing anything.
func Temporary(err error) bool {
	c := CodeOf(err)
	return c == Unavailable || c == Exhausted
}
