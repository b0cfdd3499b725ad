package expr_test

import (
	"encoding/json"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

func jsonOf(t testing.TB, v sdk.Value) string {
	t.Helper()
	b, err := json.Marshal(v.Any())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
