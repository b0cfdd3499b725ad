package sdktest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// recorder is a testing.TB that keeps what a check says of a broken component, instead of failing the test.
type recorder struct {
	testing.TB
	mu       sync.Mutex // guards the rest
	said     []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *recorder) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.said) > 0
}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

// verdict runs one check of a kind as Test* does and returns what it said.
func verdict(t *testing.T, checks []check, name string, s Suite) string {
	t.Helper()
	r := &recorder{TB: t}
	for _, c := range checks {
		if c.name != name {
			continue
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() {
				for i := len(r.cleanups) - 1; i >= 0; i-- {
					r.cleanups[i]()
				}
			}()
			expectNoLeak(r, s.patience())
			c.run(r, &s)
		}()
		<-done
		return strings.Join(r.said, "\n")
	}
	t.Fatalf("there is no check %q", name)
	return ""
}

// broken is a component with one fault, and the check that must find it.
type broken struct {
	fault, check, says string
	hangs              bool // the check finds it by waiting, for a second at most
	program            sdk.Program
	config             any
	events             []sdk.Event
	suite              func(*Suite)
}

func tryBroken(t *testing.T, typ string, checks []check, list []broken) {
	t.Helper()
	proven := map[string]bool{}
	for _, b := range list {
		proven[b.check] = true
		t.Run(b.check+"/"+b.fault, func(t *testing.T) {
			s := Suite{Program: b.program, Type: typ, Config: b.config, Events: b.events}
			if b.hangs {
				s.Patience = 300 * time.Millisecond
			}
			if b.suite != nil {
				b.suite(&s)
			}
			if said := verdict(t, checks, b.check, s); !strings.Contains(said, b.says) || said == "" {
				t.Errorf("the check says %q, want %q", said, b.says)
			}
		})
	}
	for _, c := range checks {
		if !proven[c.name] {
			t.Errorf("no broken component shows that the check %q can fail", c.name)
		}
	}
}
