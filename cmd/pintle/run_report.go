package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// refused is the answer to a reload of a configuration with mistakes: all of them, as validate would show them.
func refused(d config.Diagnostics) error {
	var b strings.Builder
	_ = d.WriteText(&b, false, 100)
	errs, _ := d.Count()
	return sdk.Errorf(sdk.Invalid, "%s in the configuration, the old one goes on:\n\n%s", counted(errs, "error"), b.String())
}

// firstError is the first error in one line, for the log.
func firstError(d config.Diagnostics) string {
	i := slices.IndexFunc(d, func(x config.Diagnostic) bool { return x.Severity == config.Error })
	return fmt.Sprintf("%s:%d: %s", d[i].File, d[i].Line, d[i].Summary)
}

// report tells how the run ended and decides the exit code.
func (r *runner) report(s story, err error) error {
	books := s.after.Books
	if r.flags.json {
		out, _ := json.Marshal(struct { // numbers and names: it cannot fail
			hub.Books
			Balanced bool `json:"balanced"`
		}{books, s.after.Balanced})
		fmt.Fprintln(r.std.out, string(out))
	}
	switch {
	case r.flags.json:
	case r.flags.untilIdle:
		s.write(r.std.err, r.std.ink(r.std.err))
	default:
		r.std.say("Stopped. %s", balance(s.after))
		if books.InFlight > 0 {
			r.std.say("What is in flight goes on at the next start.")
		}
	}
	if err != nil {
		return fail(exitFailed, err)
	}
	if !s.after.Balanced {
		return failf(exitFailed, "the books do not balance: please report this, with the data folder kept as it is")
	}
	if r.flags.untilIdle && books.InFlight > 0 {
		return failf(exitFailed, "not everything has arrived: %s; run it again, or look at %s",
			counted(books.InFlight, "event")+" still on the way", commandLine("status", s.paths...))
	}
	return nil
}

// balance is the books in one sentence. What is none is left out.
func balance(s hub.Status) string {
	b := s.Books
	text := number(b.Accepted) + " accepted = " + number(b.Delivered) + " delivered"
	for _, x := range []struct {
		n    uint64
		name string
	}{{b.Dead, "dead-lettered"}, {b.Dropped, "dropped"}, {b.InFlight, "in flight"}} {
		if x.n > 0 {
			text += " + " + number(x.n) + " " + x.name
		}
	}
	if !s.Balanced {
		return text + ": the books do not balance!"
	}
	return text + ": the books balance."
}
