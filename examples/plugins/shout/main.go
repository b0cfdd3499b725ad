// Shout is a whole plugin: an analyzer that adds to each event its text in capitals, with an end of your choice.
package main

import (
	"context"
	"os"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

type config struct {
	End string `pintle:"end" default:"!" doc:"What follows the text."`
}

func program() sdk.Program {
	open := func(_ context.Context, c config) (sdk.Analyzer, error) {
		return sdk.EachEvent(func(b *sdk.Batch, i int, a *sdk.Additions) { a.SetString(i, "text", strings.ToUpper(b.Text(i))+c.End) }), nil
	}
	adds := []sdk.Field{{Name: "text", Kind: sdk.String, Doc: "The text in capitals, with its end."}}
	return sdk.Program{Name: "shout", Version: "1.0.0", Analyzers: []sdk.AnalyzerSpec{sdk.NewAnalyzer("shout", "Adds the text in capitals.", adds, open)}}
}

func main() { os.Exit(wire.Serve(program())) }
