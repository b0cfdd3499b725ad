// Package sdktest runs the components of a plugin in its own tests, over a real gRPC connection and without a hub.
//
// Source, Analyze and Write run one component as a hub would and return what came of it. TestSource, TestAnalyzer and TestSink
// hold it to the contract: what every hub relies on and no compiler checks. Every plugin should pass its suite:
//
//	func TestContract(t *testing.T) {
//		sdktest.TestAnalyzer(t, sdktest.Suite{Program: program(), Type: "shout", Config: map[string]any{"field": "loud"}})
//	}
//
//	func TestShout(t *testing.T) {
//		chain := []sdktest.Instance{{Name: "loud", Type: "shout"}}
//		got := sdktest.Analyze(t, program(), chain, sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: "help"}})
//		if text := got.Events[0].Annotation("loud", "text").Text(); text != "HELP" {
//			t.Errorf("got %q", text)
//		}
//	}
//
// A configuration is a map with the names of the HCL attributes, the plugin's own struct (a field that is zero is left out,
// so that its default applies), JSON, or nil. In a map a per-event attribute is a func(*sdk.Event) any, or a list or map of
// them: sdktest calls it for every event, as the hub evaluates an expression. Events may carry annotations, as if analyzers had
// been there before.
//
// Its promise: a check that fails names what a hub would lose by it. It starts no process, so it cannot show that a plugin's
// main calls wire.Serve.
package sdktest
