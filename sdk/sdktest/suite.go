package sdktest

import (
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// Suite says what is tested, and with what.
type Suite struct {
	Program sdk.Program
	// Type is the component of the program.
	Type string
	// Config is a configuration that works. Setup, when set, makes one for each check instead: for components that need a
	// folder, a file or a server of their own. A source must find the same things to read whenever it is opened with it.
	Config any
	Setup  func(t testing.TB) any
	// Invalid are configurations that fit the schema and that opening must refuse with code invalid. That values of a wrong
	// type are refused is always tried.
	Invalid []any
	// Events are what an analyzer or sink works on, beside the odd ones of OddEvents. Some of its own kind make the checks
	// sharper: without a single event that the component says something about they prove little.
	Events []sdk.Event
	// Secrets are texts that must not show in logs and errors, beside the values of sensitive attributes.
	Secrets []string
	// Patience is how long one call may take (default 10 s).
	Patience time.Duration
}

// check is one thing that is tried on a component. It must be able to fail: see the tests of this package.
type check struct {
	name string
	run  func(testing.TB, *Suite)
}

// TestSource holds a source to the contract.
func TestSource(t *testing.T, s Suite) {
	t.Helper()
	run(t, s, append(common(sourceKind()), sourceChecks()...))
}

// TestAnalyzer holds an analyzer to the contract.
func TestAnalyzer(t *testing.T, s Suite) {
	t.Helper()
	run(t, s, append(common(analyzerKind()), analyzerChecks()...))
}

// TestSink holds a sink to the contract.
func TestSink(t *testing.T, s Suite) {
	t.Helper()
	run(t, s, append(common(sinkKind()), sinkChecks()...))
}

func run(t *testing.T, s Suite, checks []check) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			expectNoLeak(t, s.patience())
			c.run(t, &s)
		})
	}
}

func (s *Suite) patience() time.Duration {
	if s.Patience == 0 {
		return usualPatience
	}
	return s.Patience
}

// config returns the configuration for one check.
func (s *Suite) config(t testing.TB) any {
	t.Helper()
	if s.Setup != nil {
		return s.Setup(t)
	}
	return s.Config
}

// events returns what analyzers and sinks work on.
func (s *Suite) events() []sdk.Event {
	return append(append([]sdk.Event{}, s.Events...), OddEvents()...)
}

// kind is what the checks for all components need to know of one.
type kind struct {
	name string
	spec func(*Suite) (spec, bool)
	// open opens the component with a configuration that is given as it travels.
	open func(*link, string, []byte) (session, error)
	// use has the component do what it does, and returns what it said of it: errors and results.
	use func(t testing.TB, s *Suite, config any) (said []string)
}

// spec is what sources, analyzers and sinks declare alike.
type spec struct {
	doc    string
	schema sdk.Schema
}

type session interface{ Close() }

// common are the checks for every component.
func common(k kind) []check {
	return []check{
		{"declares itself", k.declares},
		{"opens", k.opens},
		{"refuses a wrong configuration", k.refuses},
		{"keeps secrets and customers' words out of logs", k.keepsSecrets},
	}
}
