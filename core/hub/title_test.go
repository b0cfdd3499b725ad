package hub_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// An insight with a title of nearly a megabyte is an event like any other: it is delivered whole, and where people look it is cut.
// Larger than an event may be, it is refused with the event that gave rise to it; the others go on. // promise 5
func TestATitleOfAMegabyte(t *testing.T) {
	hcl := func(dir, size string) string {
		return settings + block("source", "numbers", "a", "count = 300", "chunk = 10") +
			block("analyzer", "tally", "t", `boast = ["n0000033", "n0000250"]`, "boasting = "+size) + ledgerBlock(dir, "out") +
			block("sink", "ledger", "insights", fmt.Sprintf("path = %q", filepath.Join(dir, "insights")), "note = insight.title") +
			"pipeline \"p\" {\n from = [source.numbers.a]\n through = [analyzer.tally.t]\n route \"all\" {\n  to = [sink.ledger.out]\n }\n" +
			" route \"raised\" {\n  on = insight\n  to = [sink.ledger.insights]\n }\n}\n"
	}
	t.Run("that fits an event", func(t *testing.T) {
		dir := t.TempDir()
		const size = sdk.MaxEventBytes - 4096
		h, stop := staying(t, dir, hcl(dir, "1044480"))
		b := idle(t, h)
		lines := ledgerLines(t, filepath.Join(dir, "insights"))
		if b.Delivered != 300 || b.InsightsDelivered != 2 || len(lines) != 2 || len(lines[0]) < size {
			t.Errorf("%d lines at the sink, books: %+v", len(lines), b)
		}
		for _, line := range h.Insights() {
			if len(line.Title) > 400 || !strings.HasSuffix(line.Title, "...") {
				t.Errorf("a headline of %d bytes", len(line.Title))
			}
		}
		if text, err := json.Marshal(stop()); err != nil || len(text) > 64<<10 {
			t.Errorf("a status of %d bytes, %v", len(text), err)
		}
	})
	t.Run("that does not", func(t *testing.T) {
		dir := t.TempDir()
		h, _ := staying(t, dir, hcl(dir, "1048576"))
		b := idle(t, h)
		if b.Delivered != 298 || b.Dead != 2 || b.Insights != 0 {
			t.Errorf("books: %+v", b)
		}
		letters, err := h.DeadLetters(t.Context())
		if err != nil || len(letters) != 2 {
			t.Fatalf("%d dead letters, %v", len(letters), err)
		}
		for _, d := range letters {
			if !strings.Contains(d.Reason, "at most 1048576 are allowed") || len(d.Reason) > 1000 || d.At != "analyzer.tally.t" {
				t.Errorf("at %s: %.300q", d.At, d.Reason)
			}
		}
	})
}
