package sdktest

import (
	"io"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// signal says that a component's code has been called. Given any number of times, by the component; awaited by the test.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) give() {
	select {
	case s <- struct{}{}:
	default:
	}
}

func (s signal) await(t testing.TB, patience time.Duration) {
	t.Helper()
	select {
	case <-s:
	case <-time.After(patience):
		t.Fatalf("the component was not called within %v", patience)
	}
}

// closeDuring has events worked on and closes the session once that has begun.
func (w *worker) closeDuring(t testing.TB, events []sdk.Event, began signal) {
	t.Helper()
	work, err := w.work(events)
	if err == nil {
		_, err = w.Submit(work)
	}
	if err != nil {
		t.Fatal(err)
	}
	began.await(t, w.link.patience)
	w.Close()
}

// closeOf closes what can be closed.
func closeOf(component any) error {
	if c, ok := component.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
