package parts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/sdk"
)

type takeConfig struct {
	Ledger string        `pintle:"ledger,required" doc:"Socket of the ledger."`
	Name   string        `pintle:"name,required" doc:"Name in the ledger: that of the block."`
	Note   sdk.PerEvent  `pintle:"note" doc:"The count that the analyzer added."`
	Delay  time.Duration `pintle:"delay" doc:"How long each write takes."`
	Reject int           `pintle:"reject" doc:"Refuses each event whose number is a multiple, 0 for none."`
	Closed bool          `pintle:"closed" doc:"Takes nothing, and asks to try again."`
	Retry  int           `pintle:"retry" doc:"Asks once a process to try again for each event whose number is a multiple, 0 for none."`
}

// take is a sink whose target is the ledger.
type take struct {
	takeConfig
	native bool
	ledger *ledger.Client
	gen    uint64
	asked  map[string]bool
}

func openTake(_ context.Context, c takeConfig) (sdk.Sink, error)  { return open(c, false) }
func openKeyed(_ context.Context, c takeConfig) (sdk.Sink, error) { return open(c, true) }

func open(c takeConfig, native bool) (sdk.Sink, error) {
	l, err := ledger.Dial(c.Ledger)
	if err != nil {
		return nil, err
	}
	gen, err := l.Generation(c.Name)
	return &take{takeConfig: c, native: native, ledger: l, gen: gen, asked: map[string]bool{}}, err
}

// Write tells the ledger what came, sorts it by what it will answer, tells the ledger that, and answers.
func (t *take) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	if t.Closed {
		return nil, sdk.Errorf(sdk.Unavailable, "closed, as configured")
	}
	items := t.items(in)
	if err := t.note(ledger.Deliver, items); err != nil {
		return nil, err
	}
	if t.Delay > 0 && !wait(ctx, t.Delay) {
		return nil, ctx.Err()
	}
	known, err := t.known(items)
	if err != nil {
		return nil, err
	}
	results := in.Results()
	said := map[ledger.Kind][]ledger.Item{}
	held := map[string]bool{}
	for i, it := range items {
		kind := t.decide(it, known[i], held)
		said[kind] = append(said[kind], it)
		results[i] = resultOf(kind, it)
	}
	for _, kind := range []ledger.Kind{ledger.Ok, ledger.Same, ledger.Reject, ledger.Retry} {
		if err := t.note(kind, said[kind]); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (t *take) items(in *sdk.Batch) []ledger.Item {
	items := make([]ledger.Item, in.Len())
	for i := range items {
		e := in.Event(i)
		items[i] = itemOf(e, numberOf(e.ID))
		count, _ := strconv.ParseUint(in.Attr(i, t.Note).Text(), 10, 64) // none is 0
		items[i].Count = count
	}
	return items
}

// numberOf reads the number behind the last dash of an id.
func numberOf(id string) uint64 {
	n, _ := strconv.ParseUint(id[strings.LastIndexByte(id, '-')+1:], 10, 64)
	return n
}

func (t *take) known(items []ledger.Item) ([]bool, error) {
	if !t.native {
		return make([]bool, len(items)), nil
	}
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	return t.ledger.Known(t.Name, ids)
}

func (t *take) decide(it ledger.Item, known bool, held map[string]bool) ledger.Kind {
	switch {
	case held[it.Key]:
		return ledger.Retry
	case known:
		return ledger.Same
	case t.Reject > 0 && it.N%uint64(t.Reject) == 0:
		return ledger.Reject
	case t.Retry > 0 && it.N%uint64(t.Retry) == 0 && !t.asked[it.ID]:
		t.asked[it.ID], held[it.Key] = true, true
		return ledger.Retry
	}
	return ledger.Ok
}

func resultOf(kind ledger.Kind, it ledger.Item) sdk.Result {
	switch kind {
	case ledger.Same:
		return sdk.DuplicateOf(it.ID)
	case ledger.Reject:
		return sdk.RejectWith("422", "number", "refused as configured")
	case ledger.Retry:
		return sdk.RetryAfter(20*time.Millisecond, "not yet, as configured")
	}
	return sdk.DoneWith(it.ID)
}

func (t *take) note(kind ledger.Kind, items []ledger.Item) error {
	if len(items) == 0 {
		return nil
	}
	return t.ledger.Note(ledger.Record{Kind: kind, Who: t.Name, Gen: t.gen, Items: items})
}
