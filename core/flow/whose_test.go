package flow_test

import (
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
)

func TestSubjectsAreToldInTheWordsOfTheConfiguration(t *testing.T) {
	for subject, want := range map[string]string{
		flow.SourceSubject("source.file.in-a"): "source.file.in-a",
		flow.CheckpointSubject("p"):            "pipeline p",
		"in.0.p":                               "pipeline p",
		"sn.head.pipeline.p":                   "pipeline p",
		"dlq.sink.p.sink-sql-out":              "pipeline p (sink.sql.out)",
		"loop.x":                               "loop.x",
		"":                                     "",
	} {
		if got := flow.Whose(subject); got != want {
			t.Errorf("%q is of %q, want %q", subject, got, want)
		}
	}
}
