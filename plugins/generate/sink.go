package generate

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
)

// SinkConfig is the configuration of sink "null": there is nothing to say.
type SinkConfig struct{}

// Sink declares sink "null".
func Sink() sdk.SinkSpec {
	return sdk.NewSink("null", "Takes every event and forgets it: for measuring what comes before.", sdk.NativeKey, openSink)
}

func openSink(context.Context, SinkConfig) (sdk.Sink, error) { return null{}, nil }

type null struct{}

// Write says done to all and looks at none.
func (null) Write(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) { return in.Results(), nil }
