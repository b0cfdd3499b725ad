package parts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/sdk"
)

type tallyConfig struct {
	Ledger string `pintle:"ledger,required" doc:"Socket of the ledger."`
	Every  int    `pintle:"every" default:"20" doc:"An insight for each so many events of a key, 0 for none."`
	Drop   int    `pintle:"drop" doc:"Takes out each so many events of a key, 0 for none."`
}

// tally adds to each event its place among those of its key: exact only if it sees no event twice and misses none.
type tally struct {
	tallyConfig
	ledger *ledger.Client
	counts map[string]int
}

func openTally(_ context.Context, c tallyConfig) (sdk.Analyzer, error) {
	l, err := ledger.Dial(c.Ledger)
	return &tally{c, l, map[string]int{}}, err
}

func (t *tally) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	var gone []ledger.Item
	for i := range in.Len() {
		e := in.Event(i)
		t.counts[e.Key]++
		n := t.counts[e.Key]
		out.SetNumber(i, "n", float64(n))
		if t.Every > 0 && n%t.Every == 0 {
			out.Emit(sdk.Event{ID: fmt.Sprintf("in-%s-%d", e.Key, n), Key: e.Key, Time: e.Time,
				Insight: &sdk.Insight{Title: e.Key, Stage: sdk.StageTrend, People: int64(n)}})
		}
		if t.Drop > 0 && n%t.Drop == 0 {
			out.Drop(i, "each so many")
			gone = append(gone, ledger.Item{ID: e.ID})
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return t.ledger.Note(ledger.Record{Kind: ledger.Drop, Text: "each so many", Items: gone})
}

func (t *tally) Snapshot(context.Context) ([]byte, error)     { return json.Marshal(t.counts) }
func (t *tally) Restore(_ context.Context, blob []byte) error { return json.Unmarshal(blob, &t.counts) }
