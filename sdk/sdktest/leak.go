package sdktest

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
)

// expectNoLeak makes the test fail when it ends with goroutines that it did not find. They get a while to end. Called before
// anything else of the test is cleaned up, so that it looks last.
func expectNoLeak(t testing.TB, patience time.Duration) {
	t.Helper()
	before := goroutines()
	t.Cleanup(func() {
		var left []string
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for until := time.Now().Add(patience); time.Now().Before(until); <-tick.C {
			if left = newOnes(before); len(left) == 0 {
				return
			}
		}
		t.Errorf("%d goroutines go on after the component was closed: end them in Close, or with the context of the call; the first is\n%s", len(left), left[0])
	})
}

// goroutines returns the stacks of all goroutines by their id.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for n := runtime.Stack(buf, true); n == len(buf); n = runtime.Stack(buf, true) {
		buf = make([]byte, 2*len(buf))
	}
	found := map[string]string{}
	for _, stack := range strings.Split(string(bytes.TrimRight(buf, "\x00")), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		found[id] = stack
	}
	return found
}

// newOnes returns the stacks that were not there before. Connections that net/http keeps for the next request, the runtime's
// own and the testing package's do not count.
func newOnes(before map[string]string) []string {
	var left []string
	for id, stack := range goroutines() {
		if _, old := before[id]; old || id == "" {
			continue
		}
		if !strings.Contains(stack, "net/http.(*persistConn)") && !strings.Contains(stack, "created by runtime") &&
			!strings.Contains(stack, "created by testing.") && !strings.Contains(stack, "sdktest.goroutines(") {
			left = append(left, stack)
		}
	}
	return left
}
