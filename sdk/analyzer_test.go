package sdk_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

func TestEachEvent(t *testing.T) {
	in, out := batchOf(t, 3), &sdk.Additions{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	a := sdk.EachEvent(func(in *sdk.Batch, i int, out *sdk.Additions) {
		calls++
		out.SetString(i, "text", in.Text(i))
	})
	out.Reset(in)
	if err := a.Analyze(ctx, in, out); err != nil || calls != 3 {
		t.Fatalf("%d calls for 3 events, %v", calls, err)
	}
	b, err := out.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := sdk.ParseAdditions(b, 3)
	if err != nil || got.Value(2, "text").Str != "text 2" {
		t.Errorf("got %v, %v", got, err)
	}
	cancel()
	out.Reset(in)
	if err := a.Analyze(ctx, in, out); !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("%d calls after the end of the context, %v", calls, err)
	}
}
