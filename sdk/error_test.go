package sdk_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

func TestCodeOf(t *testing.T) {
	tests := []struct {
		name      string
		err       error
		want      sdk.Code
		temporary bool
	}{
		{"no error", nil, "", false},
		{"a plain error", io.EOF, sdk.Internal, false},
		{"its own", sdk.Errorf(sdk.Denied, "no"), sdk.Denied, false},
		{"wrapped", fmt.Errorf("write: %w", sdk.Errorf(sdk.Unavailable, "down")), sdk.Unavailable, true},
		{"the outer code counts", sdk.Errorf(sdk.Invalid, "read: %w", sdk.Errorf(sdk.Exhausted, "full")), sdk.Invalid, false},
		{"one of many", errors.Join(io.EOF, sdk.Errorf(sdk.Exhausted, "full")), sdk.Exhausted, true},
		{"not found", sdk.Errorf(sdk.NotFound, "gone"), sdk.NotFound, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := sdk.CodeOf(tt.err); got != tt.want {
				t.Errorf("code %q, want %q", got, tt.want)
			}
			if got := sdk.Temporary(tt.err); got != tt.temporary {
				t.Errorf("temporary %v, want %v", got, tt.temporary)
			}
		})
	}
}

func TestErrorfKeepsItsCauses(t *testing.T) {
	err := sdk.Errorf(sdk.Unavailable, "read %s: %w", "feed", io.ErrUnexpectedEOF)
	if err.Error() != "read feed: unexpected EOF" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, is the cause: %v", err, errors.Is(err, io.ErrUnexpectedEOF))
	}
	both := sdk.Errorf(sdk.Internal, "%w and %w", io.EOF, io.ErrClosedPipe)
	if !errors.Is(both, io.EOF) || !errors.Is(both, io.ErrClosedPipe) {
		t.Error("an error with two causes lost one")
	}
	if errors.Unwrap(sdk.Errorf(sdk.Internal, "alone")) != nil {
		t.Error("an error without cause has one")
	}
}

// Adding a phrase on the way must not lose what the hub needs: how long to wait, and where a panic happened.
func TestErrorfKeepsThePauseAndTheStack(t *testing.T) {
	deep := sdk.Errorf(sdk.Exhausted, "429")
	deep.RetryAfter, deep.Stack = time.Minute, "main.go:1"
	err := sdk.Errorf(sdk.Unavailable, "write: %w", fmt.Errorf("post: %w", deep))
	if err.RetryAfter != time.Minute || err.Stack != "main.go:1" || err.Code != sdk.Unavailable {
		t.Errorf("got code %s, pause %v, stack %q", err.Code, err.RetryAfter, err.Stack)
	}
}
