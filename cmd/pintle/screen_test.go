package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func TestLogLinesPushTheProgressDown(t *testing.T) {
	var out strings.Builder
	s := &screen{std: &streams{err: &out}, shown: true, redraw: true}
	s.draw("one\ntwo\n")
	if _, err := s.Write([]byte("log\n")); err != nil {
		t.Fatal(err)
	}
	s.close()
	const erased = "\r\x1b[2A\x1b[J"
	if got, want := out.String(), "one\ntwo\n"+erased+"log\none\ntwo\n"+erased; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressFitsTheTerminal(t *testing.T) {
	var p progress
	long := strings.Repeat("the target asks to wait ", 20)
	for i := range 2 {
		s := hub.Status{Pipelines: []hub.PipelineStatus{{Sinks: []hub.SinkStatus{{Address: "sink.http.crm",
			Report: flow.Report{State: flow.StateWaiting, Error: long}}}}}}
		for n := range mostSources + 3 {
			s.Sources = append(s.Sources, hub.SourceStatus{Address: "source.file.s" + string(rune('a'+n)), Total: uint64(1000 * i)})
		}
		p.note(s)
		p.seen[i].at = time.Unix(int64(i), 0)
	}
	block := p.block(false, 100)
	for line := range strings.Lines(block) {
		if n := utf8.RuneCountInString(line); n > 100 {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
	for _, want := range []string{"source.file.sa  1,000  1,000/s", "and 3 more", "sink.http.crm", "waiting: the target", "0 accepted"} {
		if !strings.Contains(block, want) {
			t.Errorf("the progress does not show %q:\n%s", want, block)
		}
	}
}
