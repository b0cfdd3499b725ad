package sdk_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
)

func TestValueText(t *testing.T) {
	tests := []struct {
		name string
		in   sdk.Value
		want string
	}{
		{"null", sdk.Value{}, ""},
		{"true", sdk.BoolValue(true), "true"},
		{"false", sdk.BoolValue(false), "false"},
		{"a whole number", sdk.NumberValue(12), "12"},
		{"minus nought", sdk.NumberValue(math.Copysign(0, -1)), "0"},
		{"a fraction", sdk.NumberValue(0.1), "0.1"},
		{"a million", sdk.NumberValue(1e6), "1000000"},
		{"beyond whole numbers", sdk.NumberValue(1e21), "1e+21"},
		{"infinity", sdk.NumberValue(math.Inf(-1)), "-Inf"},
		{"no number", sdk.NumberValue(math.NaN()), "NaN"},
		{"a text", sdk.StringValue("a & b"), "a & b"},
		{"a list", sdk.StringsValue([]string{"a & b", "<c>"}), `["a & b","<c>"]`},
		{"an empty list", sdk.StringsValue(nil), `[]`},
		{"an object", sdk.ValueOf(map[string]any{"z": 1.0, "a": []any{true, nil}}), `{"a":[true,null],"z":1}`},
		{"what JSON cannot say", sdk.ListValue([]sdk.Value{sdk.NumberValue(math.NaN())}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func genJSON() *rapid.Generator[any] {
	var value *rapid.Generator[any]
	value = rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(
			rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(),
			rapid.SliceOfN(value, 0, 3).AsAny(), rapid.MapOfN(rapid.String(), value, 0, 3).AsAny())
	})
	return value
}

func TestValueOfKeepsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genJSON().Draw(t, "json")
		v := sdk.ValueOf(in)
		if diff := cmp.Diff(in, v.Any()); diff != "" {
			t.Fatalf("(-in +out):\n%s", diff)
		}
		if v.Kind == sdk.Object || v.Kind == sdk.List {
			var again any
			if err := json.Unmarshal([]byte(v.Text()), &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(in, again); diff != "" {
				t.Fatalf("text %s (-in +out):\n%s", v.Text(), diff)
			}
		}
	})
}

func TestValueStrings(t *testing.T) {
	tests := []struct {
		name string
		in   sdk.Value
		want []string
	}{
		{"null", sdk.Value{}, nil},
		{"a scalar", sdk.NumberValue(3), []string{"3"}},
		{"a list", sdk.ListValue([]sdk.Value{sdk.StringValue("a"), sdk.BoolValue(true), {}}), []string{"a", "true", ""}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.in.Strings()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNamesOfKindsAndOutcomes(t *testing.T) {
	if got := sdk.Kind(200).String() + " " + sdk.Null.String() + " " + sdk.String.String(); got != "object null string" {
		t.Errorf("kinds: %s", got)
	}
	if got := sdk.Outcome(200).String() + " " + sdk.Done.String() + " " + sdk.Reject.String(); got != "fatal done reject" {
		t.Errorf("outcomes: %s", got)
	}
}
