package sdk_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

func TestOnce(t *testing.T) {
	if sdk.Once(t.Context()) || !sdk.Once(sdk.WithOnce(t.Context())) {
		t.Error("Once does not tell the context that was asked from another")
	}
}

func TestResultsSayWhatTheyMean(t *testing.T) {
	got := []sdk.Result{sdk.DoneWith("1"), sdk.DuplicateOf("2"), sdk.RetryAfter(time.Second, "m"), sdk.RejectWith("c", "f", "m"), sdk.FatalWith("c", "m")}
	want := []sdk.Result{{Receipt: "1"}, {Outcome: sdk.Duplicate, Receipt: "2"}, {Outcome: sdk.Retry, After: time.Second, Message: "m"},
		{Outcome: sdk.Reject, Code: "c", Field: "f", Message: "m"}, {Outcome: sdk.Fatal, Code: "c", Message: "m"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
