package web_test

import (
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// troubled is a hub in which much is wrong. What is not asked for here panics.
type troubled struct{ web.Hub }

const said = "canary-in-an-error"

func (troubled) Status(context.Context) hub.Status {
	waiting := flow.Report{State: flow.StateWaiting, Error: said, Restarts: 3, Waited: 12.5}
	return hub.Status{
		Books: hub.Books{Accepted: 3}, Errors: []string{said}, Refused: &hub.Refusal{Error: said},
		Sources: []hub.SourceStatus{{Address: "source.file.in", Total: 7, Report: waiting}},
		Pipelines: []hub.PipelineStatus{{Name: "p", Books: hub.Books{Accepted: 3, Dropped: 1, InFlight: 2, Rules: map[string]uint64{"no route": 1}},
			Hops:  []hub.HopStatus{{Analyzers: []string{"analyzer.a.b"}}, {}},
			Sinks: []hub.SinkStatus{{Address: "sink.file.out", Rejected: 4, Holding: 5, Behind: 6}}}},
		Log: broker.Status{Connected: true, Problem: said, Damage: []*broker.Damage{{Reason: said}},
			Streams: []broker.StreamStatus{{Stream: broker.Events, Bytes: 10, MaxBytes: 20}}},
	}
}

// Every trouble has a figure, and none of them has the words of an error.
func TestMetricsOfATroubledHub(t *testing.T) {
	w := httptest.NewRecorder()
	web.Metrics(troubled{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	for _, want := range []string{
		`pintle_events_total{outcome="accepted",pipeline="p"} 3`,
		`pintle_events_in_flight{pipeline="p"} 2`,
		`pintle_dropped_total{pipeline="p",rule="no route"} 1`,
		`pintle_books_balanced 0`,
		`pintle_source_events_total{source="source.file.in"} 7`,
		`pintle_block_state{block="source.file.in",pipeline="",state="waiting"} 1`,
		`pintle_block_restarts_total{block="source.file.in",pipeline=""} 3`,
		`pintle_block_waiting_seconds_total{block="source.file.in",pipeline=""} 12.5`,
		`pintle_sink_rejected_total{pipeline="p",sink="sink.file.out"} 4`,
		`pintle_sink_held_events{pipeline="p",sink="sink.file.out"} 5`,
		`pintle_sink_behind_batches{pipeline="p",sink="sink.file.out"} 6`,
		`pintle_log_storing 0`,
		`pintle_log_damaged_ranges 1`,
		`pintle_log_stream_limit_bytes{stream="EV"} 20`,
		`pintle_parts_given_up 1`,
		`pintle_reload_refused 1`,
	} {
		if !strings.Contains(string(text), want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(string(text), said) {
		t.Error("the words of an error are in the figures")
	}
}
