package wire

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const maxStack = 8 << 10 // bytes of a stack that travel in an error

func recoverUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(info.FullMethod, r)
		}
	}()
	return next(ctx, req)
}

func recoverStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(info.FullMethod, r)
		}
	}()
	return next(srv, stream)
}

// panicked is the error of a call whose code panicked, with the stack so that the author finds the line. A panic's own
// words are shown only when the Go runtime chose them: any other value may quote an event. // promise 10
func panicked(method string, value any) error {
	what := fmt.Sprintf("a %T (its text is withheld: it may quote an event; see the stack)", value)
	if known, ok := value.(runtime.Error); ok {
		what = known.Error()
	}
	stack := debug.Stack()
	if len(stack) > maxStack {
		stack = append(stack[:maxStack:maxStack], "\n(stack cut)"...)
	}
	return status.Errorf(codes.Internal, "plugin code panicked in %s: %s\n%s", method, what, stack)
}
