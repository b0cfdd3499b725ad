// Package doctor looks at everything that a hub depends on (configuration, data folder, disk, clock, programs, log, limits
// of the system, ports, and the hub itself if it runs) and says of each thing whether it is well, what was seen, why that
// matters and what to do.
//
// It changes nothing: it writes one probe file next to the data and removes it. Its promise: an examination ends, within
// seconds, whatever it meets, and what could not be found out is said and not guessed.
package doctor

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
)

// Level says how well a thing is.
type Level string

// The levels. A warning is something to know that lets a hub run; an error keeps it from running, or from running well.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Error   Level = "error"
)

// Finding is what one look has found.
type Finding struct {
	// Check names the look, the same in every version: "data.owner".
	Check string `json:"check"`
	Level Level  `json:"level"`
	// Seen is what was found, in a phrase.
	Seen string `json:"seen"`
	// Why says why it matters, Mend what to do, where possible a command. Both are empty when all is well.
	Why  string `json:"why,omitempty"`
	Mend string `json:"mend,omitempty"`
}

// Options say what to examine.
type Options struct {
	// Plan is the configuration, nil when Diagnostics has errors.
	Plan        *config.Plan
	Diagnostics config.Diagnostics
	// Settings are those of Plan, or what could be read of them.
	Settings config.Settings
	// Unset are environment variables that the configuration asked for and did not get.
	Unset []string
	// Programs are the programs of plugin blocks, as they answered while the configuration was loaded.
	Programs []Program
	// Start starts a program that comes with Pintle, asks what it offers and stops it.
	Start func(ctx context.Context, name string) (hub.Examined, error)
	// Status asks the hub that runs on the data folder; nil status and nil error mean that none runs.
	Status func(ctx context.Context) (*hub.Status, error)
	// Socket is where that hub is asked.
	Socket string
	// Command writes a command of pintle for a person to copy.
	Command func(name string, args ...string) string
}

// Program is how the program of a plugin block answered.
type Program struct {
	Plugin config.Plugin
	hub.Examined
	Err error
}

// timeLimit bounds an examination.
const timeLimit = 60 * time.Second

// examiner is one examination.
type examiner struct {
	Options
	hub      *hub.Status // that runs, nil when none does
	findings []Finding
}

// Examine looks at everything and returns what it found, in the order in which a person would mend it.
func Examine(ctx context.Context, o Options) []Finding {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	x := &examiner{Options: o}
	began := time.Now()
	x.configuration()
	x.environment()
	x.running(ctx)
	if dir := x.folder(); dir != "" {
		x.disk(ctx, dir)
	}
	x.log(ctx)
	x.programs(ctx)
	x.limits()
	x.ports(ctx)
	x.clock(began)
	return x.findings
}

func (x *examiner) ok(check, seen string) {
	x.findings = append(x.findings, Finding{Check: check, Level: OK, Seen: seen})
}

func (x *examiner) warn(f Finding) {
	f.Level = Warning
	x.findings = append(x.findings, f)
}

func (x *examiner) fail(f Finding) {
	f.Level = Error
	x.findings = append(x.findings, f)
}

// Count returns how many findings have a level.
func Count(list []Finding, l Level) int {
	n := 0
	for _, f := range list {
		if f.Level == l {
			n++
		}
	}
	return n
}

// external reports whether the log is on servers of its own.
func (x *examiner) external() bool { return x.Settings.Broker.URL != "" }

// blocks returns all blocks of the plan.
func (x *examiner) blocks() []*config.Block {
	if x.Plan == nil {
		return nil
	}
	var all []*config.Block
	all = append(all, x.Plan.Sources...)
	all = append(all, x.Plan.Analyzers...)
	return append(all, x.Plan.Sinks...)
}
