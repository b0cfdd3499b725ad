// Package parts holds the plugins of a fault run: sources that offer numbered events, an analyzer that counts, sinks that
// report to the ledger before and after they answer. They are ordinary plugins of the contract and know nothing of faults; the
// hub starts them like anybody's program. Their one promise: what happened to them is in the ledger.
package parts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/sdk"
)

// Program is what the plugin program offers. Main serves it when the hub starts pintlechaos as a plugin.
func Program() sdk.Program {
	offer := sdk.NewSource("offer", "Offers numbered events and can be read again.", openOffer)
	call := sdk.NewSource("call", "Calls with numbered events and remembers only what was acknowledged.", openCall)
	call.Push = true
	tally := sdk.NewAnalyzer("tally", "Counts events by key.",
		[]sdk.Field{{Name: "n", Kind: sdk.Number, Doc: "The place of the event among those of its key."}}, openTally)
	tally.Stateful, tally.Emits = true, true
	take := sdk.NewSink("take", "Tells the ledger what it gets; a repeat is seen twice.", sdk.NoKey, openTake)
	keyed := sdk.NewSink("takekey", "Tells the ledger what it gets; a repeat is known by its key.", sdk.NativeKey, openKeyed)
	return sdk.Program{Name: "chaos", Version: "1.0.0", Sources: []sdk.SourceSpec{offer, call}, Analyzers: []sdk.AnalyzerSpec{tally},
		Sinks: []sdk.SinkSpec{take, keyed}}
}

// stream is the configuration of a source: what its events look like and how they come.
type stream struct {
	Ledger string `pintle:"ledger,required" doc:"Socket of the ledger."`
	Name   string `pintle:"name,required" doc:"Name in the ledger: that of the block."`
	Keys   int    `pintle:"keys" default:"20" min:"1" doc:"Number of keys."`
	Size   int    `pintle:"size" default:"200" doc:"Most bytes of one text, beyond its beginning."`
	Marked int    `pintle:"marked" default:"3" doc:"One event in so many has the subject \"marked\"."`
	Rate   int    `pintle:"rate" doc:"Events a second, 0 for as many as go."`
	Chunk  int    `pintle:"chunk" default:"10" min:"1" doc:"Most events that an offer hands over at once."`
	// Callers have names of their own: with the name "b", those are b.0, b.1 and so on.
	Callers int `pintle:"callers" default:"4" min:"1" max:"64" doc:"How many call at the same time."`
}

// event makes event n of who. The same n makes the same event in every process.
func (s stream) event(who string, n uint64) sdk.Event {
	rng := rand.New(rand.NewPCG(n, 7))
	e := sdk.Event{ID: fmt.Sprintf("%s-%08d", who, n), Key: fmt.Sprintf("%s-k%d", who, rng.IntN(s.Keys)), Time: time.Unix(int64(1_700_000_000+n), 0)}
	if s.Marked > 0 && rng.IntN(s.Marked) == 0 {
		e.Subject = "marked"
	}
	more := ""
	if s.Size > 0 {
		more = strings.Repeat(string(rune('a'+rng.IntN(26))), rng.IntN(s.Size+1))
	}
	e.Feedback = &sdk.Feedback{Text: fmt.Sprintf("event %d of %s %s", n, who, more), Author: sdk.Author{ID: e.Key}}
	return e
}

// itemOf is what the ledger hears of an event.
func itemOf(e *sdk.Event, n uint64) ledger.Item {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s|%s|%s|%d|%s", e.ID, e.Key, e.Subject, e.Time.UnixNano(), e.Text())
	if e.Insight != nil {
		fmt.Fprintf(sum, "|%s|%d", e.Insight.Title, e.Insight.People)
	}
	return ledger.Item{ID: e.ID, Key: e.Key, N: n, Mark: e.Subject, Sum: hex.EncodeToString(sum.Sum(nil)[:8])}
}

// ItemOf is what the ledger notes of an event that a target outside this program was given.
func ItemOf(e *sdk.Event) ledger.Item { return itemOf(e, numberOf(e.ID)) }

// wait waits for d, or until ctx ends, and says whether to go on.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
