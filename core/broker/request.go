package broker

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// askTries is into how many parts Config.Timeout is cut: a request that gets no answer (a cluster without a leader sends
// none) is repeated, and a server that is back within Timeout is not noticed.
const askTries = 4

// ask makes a request that may be repeated, until it is answered, Config.Timeout is over or ctx ends. The error is
// classified.
func ask[T any](ctx context.Context, b *Broker, do func(context.Context) (T, error)) (T, error) {
	whole, cancel := context.WithTimeout(ctx, b.cfg.Timeout)
	defer cancel()
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		try, cancel := context.WithTimeout(whole, b.cfg.Timeout/askTries)
		answer, err := do(try)
		cancel()
		if err == nil {
			return answer, nil
		}
		if err = b.classify(ctx, err); !errors.Is(err, ErrUnavailable) {
			return answer, err
		}
		select {
		case <-time.After(wait):
		case <-whole.Done():
			return answer, err
		}
	}
}

// tell is ask for a request without an answer.
func tell(ctx context.Context, b *Broker, do func(context.Context) error) error {
	_, err := ask(ctx, b, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// info asks for a stream's state.
func (b *Broker) info(ctx context.Context, s Stream, opts ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	handle, err := b.stream(s)
	if err != nil {
		return nil, err
	}
	return ask(ctx, b, func(ctx context.Context) (*jetstream.StreamInfo, error) { return handle.Info(ctx, opts...) })
}

// purge removes messages of a stream.
func (b *Broker) purge(ctx context.Context, s Stream, opts ...jetstream.StreamPurgeOpt) error {
	handle, err := b.stream(s)
	if err != nil {
		return err
	}
	return tell(ctx, b, func(ctx context.Context) error { return handle.Purge(ctx, opts...) })
}
