package sqlsink_test

import (
	"testing"
	"time"

	sqlsink "github.com/pintle-hub/pintle/plugins/sql"
	"github.com/pintle-hub/pintle/plugins/sql/pgtest"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// TestContract gives each check an empty database.
func TestContract(t *testing.T) {
	for driver, dsn := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return t.TempDir() + "/warehouse.db" },
		"postgres": pgtest.Start,
	} {
		t.Run(driver, func(t *testing.T) {
			config := func(t testing.TB, more map[string]any) map[string]any {
				c := map[string]any{"driver": driver, "dsn": dsn(t), "table": "feedback", "columns": columns()}
				for name := range more {
					c[name] = more[name]
				}
				return c
			}
			sdktest.TestSink(t, sdktest.Suite{Program: sqlsink.Program(), Type: "sql", Secrets: []string{pgtest.Password},
				Setup: func(t testing.TB) any { return config(t, nil) },
				Invalid: []any{
					config(t, map[string]any{"table": ""}),
					config(t, map[string]any{"table": "a.b.c"}),
					config(t, map[string]any{"columns": map[string]func(*sdk.Event) any{}}),
					config(t, map[string]any{"types": map[string]string{"said": "text); DROP TABLE feedback"}}),
				},
				Events: []sdk.Event{
					{ID: "a", Time: time.Unix(1, 0), Feedback: &sdk.Feedback{Text: "the parcel never came", Rating: &sdk.Rating{Value: 1.5, Best: 5}}},
					{ID: "b", Time: time.Unix(2, 0), Feedback: &sdk.Feedback{Text: "the parcel came early"}},
				}})
		})
	}
}

func columns() map[string]func(*sdk.Event) any {
	return map[string]func(*sdk.Event) any{
		"said":  func(e *sdk.Event) any { return e.Text() },
		"at":    func(e *sdk.Event) any { return e.Time.Format(time.RFC3339Nano) },
		"tags":  func(e *sdk.Event) any { return []string{e.Type, e.Text()} },
		"long":  func(e *sdk.Event) any { return len(e.Text()) },
		"plain": func(e *sdk.Event) any { return e.Insight == nil },
		"stars": func(e *sdk.Event) any {
			if e.Feedback == nil || e.Feedback.Rating == nil {
				return nil
			}
			return e.Feedback.Rating.Value
		},
	}
}
