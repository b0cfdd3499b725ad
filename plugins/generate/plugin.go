// Package generate makes events out of nothing and lets events go to nothing: source "generate" and sink "null", for trying a
// configuration, for tests and for measurements.
//
// Its promise: event number n is the same event in every run, on every machine.
package generate

import "github.com/pintle-hub/pintle/sdk"

// Program declares what the package offers. cmd/pintle bundles it.
func Program() sdk.Program {
	return sdk.Program{
		Name: "generate", Version: "0.1.0",
		Sources: []sdk.SourceSpec{Source()},
		Sinks:   []sdk.SinkSpec{Sink()},
	}
}
