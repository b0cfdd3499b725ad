package wire

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxMessage bounds an error's text, maxFieldText a code or field name, as they arrive from a plugin; maxMessages what the
// results of one answer may say together.
const (
	maxMessage   = 4 << 10
	maxMessages  = 8 << 20
	maxFieldText = 256
)

func toError(err error) *pb.Error {
	if err == nil {
		return nil
	}
	out := &pb.Error{Code: cut(string(sdk.CodeOf(err)), maxFieldText), Message: cut(err.Error(), maxMessage)}
	var e *sdk.Error
	if errors.As(err, &e) {
		out.Stack, out.RetryAfterNs = cut(e.Stack, maxStack), int64(e.RetryAfter)
	}
	return out
}

func fromError(e *pb.Error) error {
	if e == nil {
		return nil
	}
	err := sdk.Errorf(codeOf(e.Code), "%s", plain(e.Message, maxMessage))
	err.Stack = cut(e.Stack, maxStack)
	err.RetryAfter = max(0, time.Duration(e.RetryAfterNs))
	return err
}

// codeOf reads a code from the wire; one that a newer plugin invented counts as internal.
func codeOf(text string) sdk.Code {
	switch c := sdk.Code(text); c {
	case sdk.Invalid, sdk.Denied, sdk.NotFound, sdk.Unavailable, sdk.Exhausted:
		return c
	}
	return sdk.Internal
}

// fromStatus turns a transport fault into an error that says what was tried. A connection that broke is Unavailable.
func fromStatus(call string, err error) error {
	s, ok := status.FromError(err)
	if !ok || errors.Is(err, context.Canceled) {
		return sdk.Errorf(sdk.Unavailable, "%s: %w", call, err)
	}
	code := sdk.Internal
	switch s.Code() {
	case codes.Unavailable, codes.Canceled, codes.DeadlineExceeded, codes.Aborted:
		code = sdk.Unavailable
	case codes.ResourceExhausted:
		code = sdk.Exhausted
	case codes.InvalidArgument:
		code = sdk.Invalid
	}
	return sdk.Errorf(code, "%s: %s", call, plain(s.Message(), maxMessage+maxStack))
}

// cut shortens s to at most n bytes at a rune border. What is no UTF-8 is replaced: protobuf refuses to send it, and a plugin
// that says why it failed must not lose its session over it.
func cut(s string, n int) string {
	const more = "..."
	if len(s) <= n {
		return clip(strings.ToValidUTF8(s, "\uFFFD"), n)
	}
	return clip(strings.ToValidUTF8(clip(s, n), "\uFFFD"), n-len(more)) + more
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
