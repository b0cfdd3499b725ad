package generate_test

import (
	"testing"

	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

func TestContractOfGenerate(t *testing.T) {
	sdktest.TestSource(t, sdktest.Suite{Program: generate.Program(), Type: "generate",
		Config:  map[string]any{"count": 1500, "keys": 20},
		Invalid: []any{map[string]any{"start": "yesterday"}, map[string]any{"rate": 0.0001}}})
}

func TestContractOfNull(t *testing.T) {
	sdktest.TestSink(t, sdktest.Suite{Program: generate.Program(), Type: "null"})
}
