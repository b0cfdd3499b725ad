// Package check judges the history of a fault run. Each checker holds one promise of the product against what the ledger saw;
// it reads the records once, in order, and knows nothing of the product. Its one promise: the same history gets the same
// verdict, whenever it is asked for.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// Verdict is what a checker says.
type Verdict string

// The verdicts. Unknown means that the history does not tell: it never came to rest, or has nothing to judge.
const (
	OK      Verdict = "ok"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
)

// Finding is the verdict of one checker.
type Finding struct {
	Checker string  `json:"checker"`
	Verdict Verdict `json:"verdict"`
	// Count is how many things were judged, Bad how many were wrong, First what the first few were.
	Count int      `json:"count"`
	Bad   int      `json:"bad"`
	First []string `json:"first,omitempty"`
}

// Checker judges one promise. Note is called for each record in order, Finding once at the end.
type Checker interface {
	Note(r *ledger.Record)
	Finding() Finding
}

// Options bend what depends on the machine.
type Options struct {
	// Slack multiplies every limit of time; 0 means 1.
	Slack float64
}

// scaled returns a limit of time in nanoseconds.
func (o Options) scaled(d time.Duration) int64 { return int64(float64(d) * cmp.Or(o.Slack, 1)) }

// All returns one of each checker.
func All(o Options) []Checker {
	return []Checker{newLost(), newUnexpected(), newMangled(), newDuplicate(o), newOrder(), newCount(), newBooks(), newReason(),
		newRecovery(o), newFence(), newLeak(), newOrphan()}
}

// Dir judges the history in a folder.
func Dir(dir string, o Options) (Report, error) {
	all := All(o)
	facts := newFacts()
	err := ledger.Read(dir, func(r *ledger.Record) {
		facts.note(r)
		for _, c := range all {
			c.Note(r)
		}
	})
	if err != nil {
		return Report{}, err
	}
	return report(all, facts), nil
}

// Records judges a history in memory, for tests.
func Records(o Options, records ...ledger.Record) Report {
	all := All(o)
	facts := newFacts()
	for i := range records {
		r := &records[i]
		r.Seq = uint64(i + 1)
		facts.note(r)
		for _, c := range all {
			c.Note(r)
		}
	}
	return report(all, facts)
}

// Report is the verdict on a history.
type Report struct {
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"`
	Facts    Facts     `json:"facts"`
}

func report(all []Checker, facts *facts) Report {
	r := Report{Verdict: OK, Facts: facts.sum()}
	for _, c := range all {
		f := c.Finding()
		r.Findings = append(r.Findings, f)
		if f.Verdict == Fail {
			r.Verdict = Fail
		}
		if f.Verdict == Unknown && f.Checker == "lost" && r.Verdict == OK {
			r.Verdict = Unknown // without rest there is nothing to say of what is missing
		}
	}
	return r
}

// Red names the checkers that failed, in the order of All.
func (r Report) Red() []string {
	var red []string
	for _, f := range r.Findings {
		if f.Verdict == Fail {
			red = append(red, f.Checker)
		}
	}
	return red
}

// Finding returns what the named checker said.
func (r Report) Finding(checker string) Finding {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Checker == checker })
	if i < 0 {
		return Finding{Checker: checker, Verdict: Unknown}
	}
	return r.Findings[i]
}

// tally collects what is wrong.
type tally struct {
	Finding
}

// most is how many faults a finding quotes.
const most = 5

func (t *tally) bad(format string, args ...any) {
	if t.Bad++; len(t.First) < most {
		t.First = append(t.First, fmt.Sprintf(format, args...))
	}
}

// done makes the verdict: Unknown when nothing was judged and nothing is wrong.
func (t *tally) done(name string) Finding {
	t.Checker, t.Verdict = name, OK
	switch {
	case t.Bad > 0:
		t.Verdict = Fail
	case t.Count == 0:
		t.Verdict = Unknown
	}
	return t.Finding
}
