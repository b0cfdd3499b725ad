package sqlsink

import (
	"errors"

	"github.com/pintle-hub/pintle/sdk"
)

// fault is what went wrong, in words that hold nothing of the rows: what a database says about an error often quotes them.
type fault struct {
	outcome sdk.Outcome // Retry, Reject or Fatal
	code    string      // the database's own
	field   string      // column or constraint
	message string
	// moved tells that the table is not what it was: it may be worth making it again.
	moved bool
}

func (f *fault) Error() string {
	if f.code == "" {
		return f.message
	}
	return f.code + ": " + f.message
}

// result returns the answer for one event.
func (f *fault) result() sdk.Result {
	switch f.outcome {
	case sdk.Fatal:
		return sdk.FatalWith(f.code, f.message)
	case sdk.Reject:
		return sdk.RejectWith(f.code, f.field, f.message)
	}
	return sdk.RetryAfter(0, f.Error())
}

// asFault returns the fault in err. Every error of a store holds one; another is a bug, and is tried again.
func asFault(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	return &fault{outcome: sdk.Retry, message: "the database did not answer as expected"}
}

// coded returns f as the error of Open.
func (f *fault) coded() error {
	code := sdk.Unavailable
	switch f.outcome {
	case sdk.Fatal:
		code = sdk.Denied
	case sdk.Reject:
		code = sdk.Invalid
	}
	return sdk.Errorf(code, "%s", f.Error())
}
