package check

import "github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"

// lost holds promise 1: what was acknowledged is delivered to each sink it is owed to, or a dead letter, or dropped by a rule.
// Of a source that can be read again everything offered is owed once all is quiet.
type lost struct {
	tally
	routes routes
	owed   map[delivery]bool // what has not come yet
	ended  map[string]bool   // dead or dropped, wherever
	quiet  bool
	came   map[delivery]bool
}

func newLost() Checker {
	return &lost{owed: map[delivery]bool{}, ended: map[string]bool{}, came: map[delivery]bool{}}
}

func (l *lost) Note(r *ledger.Record) {
	l.routes.note(r)
	switch r.Kind {
	case ledger.Quiet:
		l.quiet = true
	case ledger.Acked, ledger.Replay:
		l.quiet = false
		for _, it := range r.Items {
			l.routes.owedTo(r.Who, it.Mark, func(sink string) {
				if d := (delivery{sink, it.ID}); !l.came[d] && !l.owed[d] {
					l.owed[d] = true
					l.Count++
				}
			})
		}
	case ledger.Ok, ledger.Same:
		for _, it := range r.Items {
			d := delivery{r.Who, it.ID}
			l.came[d] = true
			delete(l.owed, d)
		}
	case ledger.Dead, ledger.Drop:
		for _, it := range r.Items {
			l.ended[it.ID] = true
		}
	}
}

func (l *lost) Finding() Finding {
	for d := range l.owed {
		if !l.ended[d.id] && l.quiet {
			l.bad("%s has never reached %s", d.id, d.sink)
		}
	}
	f := l.done("lost")
	switch {
	case f.Verdict == Fail:
	case l.quiet:
		f.Verdict = OK // even if nothing was owed
	default:
		f.Verdict = Unknown // it may still come
	}
	return f
}
