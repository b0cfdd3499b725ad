// Package zoo is one plugin program with many ways to misbehave. It speaks the protocol with its own hands, as a program in
// another language does, so that it can break every rule of it. What it does now is one word in a file, read again and again:
// an animal can be good, turn bad while the hub runs, and be good again. It promises nothing, which is the point.
package zoo

import (
	"fmt"
	"os"
	"strings"
	"time"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Good is the mode of a plugin that does what it should.
const Good = "good"

// Kinds of components that a mode changes, as letters in Mode.Kinds.
const (
	Source   = 's'
	Analyzer = 'a'
	Sink     = 'k'
)

// Mode is one way to misbehave.
type Mode struct {
	Name string
	// Kinds are the components it makes sense for, as letters.
	Kinds string
	// Doc says what the plugin does, as the end of "a plugin that ...".
	Doc string
	// Fresh modes show in a fresh process only: one that runs ends itself when it is told to change to them, or from them.
	Fresh bool
	// Lasting modes leave something behind that no good behaviour mends: what was not answered stays so.
	Lasting bool
	// Tells are words of which one must stand in what status says of the block; nil when there is nothing to be told of.
	Tells []string
	// Stop modes are at their worst when the hub stops.
	Stop bool
	// Slow modes are found out by a deadline of half a minute or more.
	Slow bool
}

// Modes lists all, in groups. The harness runs each beside a good route.
func Modes() []Mode {
	return append(append(protocolModes(), contentModes()...), processModes()...)
}

// protocolModes break the order of frames.
func protocolModes() []Mode {
	broke := []string{"broke the protocol"}
	return []Mode{
		{Name: "mute", Kinds: "ak", Doc: "never answers, and shows that it lives all the time", Slow: true, Lasting: true, Stop: true},
		{Name: "twice", Kinds: "sak", Doc: "says everything twice", Tells: broke},
		{Name: "unknown-id", Kinds: "sak", Doc: "answers what nobody asked", Tells: broke},
		{Name: "disorder", Kinds: "ak", Doc: "answers in the wrong order", Lasting: true, Tells: broke},
		{Name: "zombie", Kinds: "sak", Doc: "speaks as its own predecessor", Tells: broke},
		{Name: "other-frame", Kinds: "sak", Doc: "sends frames of another kind", Tells: broke},
		{Name: "cut", Kinds: "sak", Doc: "closes the stream in the middle of a batch", Tells: []string{"unexpected EOF"}},
		{Name: "deaf", Kinds: "ak", Doc: "stops reading, and shows that it lives all the time", Slow: true, Stop: true},
		{Name: "after-done", Kinds: "s", Doc: "goes on after it has said that it is done"},
		{Name: "chatter", Kinds: "sak", Doc: "sends heartbeats as fast as it can", Tells: broke},
		{Name: "no-snapshot", Kinds: "a", Doc: "says that it keeps state and refuses to show it", Fresh: true},
	}
}

// contentModes send frames whose content is wrong.
func contentModes() []Mode {
	broke := []string{"broke the protocol"}
	return []Mode{
		{Name: "junk", Kinds: "sak", Doc: "sends bytes that are no message", Tells: []string{"unmarshal", "broke the protocol"}},
		{Name: "huge", Kinds: "sak", Doc: "sends a message of 64 MB", Tells: []string{"larger than max"}},
		{Name: "million", Kinds: "s", Doc: "sends a batch of a million events", Tells: broke},
		{Name: "checksum", Kinds: "s", Doc: "sends batches with a wrong checksum", Tells: broke},
		{Name: "lengths", Kinds: "s", Doc: "sends batches whose lengths overflow", Tells: broke},
		{Name: "count", Kinds: "s", Doc: "sends batches whose count and index differ", Tells: broke},
		{Name: "undecodable", Kinds: "s", Doc: "sends events that are no events, under a right checksum"},
		{Name: "deep", Kinds: "s", Doc: "sends data nested 100,000 deep"},
		{Name: "not-utf8", Kinds: "sa", Doc: "sends names that are no UTF-8", Tells: []string{"broke the protocol", "UTF-8"}},
		{Name: "drip", Kinds: "s", Doc: "sends single events as fast as it can"},
		{Name: "nan", Kinds: "a", Doc: "adds numbers that are none, and insights full of them"},
		{Name: "undeclared", Kinds: "a", Doc: "adds fields it did not declare, and declared ones of another kind"},
		{Name: "imposter", Kinds: "a", Doc: "adds in the name of another analyzer", Tells: broke},
		{Name: "foreign-drop", Kinds: "a", Doc: "drops events twice, and some it was not given", Tells: broke},
		{Name: "rules", Kinds: "a", Doc: "drops every event by a rule with a name of its own"},
		{Name: "verbose", Kinds: "a", Doc: "raises insights with titles of a megabyte"},
		{Name: "results", Kinds: "ak", Doc: "answers with millions of results", Tells: broke},
		{Name: "long-error", Kinds: "sak", Doc: "fails with a text of 50 MB", Tells: []string{"xxxx", "COMPRESSION_ERROR"}},
		{Name: "evil-error", Kinds: "sak", Doc: "fails with a text of forged log lines and colours", Tells: []string{"forged"}},
		{Name: "fatal", Kinds: "k", Doc: "says that going on is no use", Tells: []string{"cannot work until"}},
	}
}

// processModes misbehave as a process.
func processModes() []Mode {
	return []Mode{
		{Name: "noise", Kinds: "k", Doc: "prints a lot before it shakes hands", Fresh: true},
		{Name: "dies-early", Kinds: "k", Doc: "dies before it shakes hands", Fresh: true, Tells: []string{"no such model"}},
		{Name: "exits", Kinds: "k", Doc: "exits with 0 at once", Fresh: true, Tells: []string{"exited with code 0"}},
		{Name: "other-version", Kinds: "k", Doc: "speaks another version of the protocol", Fresh: true, Tells: []string{"version"}},
		{Name: "no-handshake", Kinds: "k", Doc: "never shakes hands", Fresh: true, Tells: []string{"did not answer in time"}, Slow: true},
		{Name: "hangs-opening", Kinds: "sak", Doc: "hangs while it is opened", Fresh: true, Tells: []string{"did not answer in time"}, Slow: true},
		{Name: "hangs-closing", Kinds: "sak", Doc: "hangs while it is closed", Stop: true},
		{Name: "undying", Kinds: "sak", Doc: "takes no notice of drain, of stop and of any signal", Stop: true},
		{Name: "crash", Kinds: "sak", Doc: "crashes on every batch", Tells: []string{"code 3", "crash loop", "hopeless", "every event"}},
		{Name: "poison", Kinds: "ak", Doc: "crashes on one event in 500"},
		{Name: "asleep", Kinds: "ak", Doc: "sleeps for half a second on every batch"},
		{Name: "frozen", Kinds: "sak", Doc: "stands still, as after SIGSTOP", Slow: true, Stop: true},
		{Name: "busy", Kinds: "k", Doc: "runs a loop on every processor"},
		{Name: "leak", Kinds: "k", Doc: "leaks a megabyte a second"},
		{Name: "gush", Kinds: "k", Doc: "leaks 100 MB a second", Tells: []string{"memory"}},
		{Name: "burst", Kinds: "k", Doc: "takes memory as fast as it can", Tells: []string{"memory", "code 2", "signal"}},
		{Name: "forks", Kinds: "k", Doc: "starts 400 children", Tells: []string{"processes", "memory"}},
		{Name: "daemon", Kinds: "k", Doc: "leaves a child that holds its output and has left its process group"},
		{Name: "long-lines", Kinds: "k", Doc: "logs lines of 100 KB"},
		{Name: "flood", Kinds: "k", Doc: "logs 100 MB a second"},
		{Name: "empty-lines", Kinds: "k", Doc: "logs empty lines as fast as it can"},
		{Name: "endless-line", Kinds: "k", Doc: "logs one line without an end as fast as it can"},
		{Name: "forger", Kinds: "k", Doc: "logs newlines, colours and forged JSON"},
	}
}

// Find returns the mode of a name.
func Find(name string) (Mode, bool) {
	for _, m := range Modes() {
		if m.Name == name {
			return m, true
		}
	}
	return Mode{Name: name}, false
}

// animal is one plugin process.
type animal struct {
	pb.UnimplementedPluginServer
	name string // of its components' types
	file string // holds the mode
}

// Main is the program: it serves components of one type name, and misbehaves as file says. It returns the exit code.
func Main(name, file string) int {
	a := &animal{name: name, file: file}
	first := a.mode()
	if code, ended := before(first.Name); ended {
		return code
	}
	go a.watch(first)
	go a.live()
	if err := a.serve(); err != nil {
		fmt.Fprintln(os.Stderr, "zoo:", err)
		return 1
	}
	return 0
}

// mode reads what to do now. The hub asks what the program offers before it uses it; then every program is good.
func (a *animal) mode() Mode {
	b, err := os.ReadFile(a.file)
	if err != nil {
		return Mode{Name: Good}
	}
	m, _ := Find(strings.TrimSpace(string(b)))
	return m
}

// is reports whether the animal is in that mode now.
func (a *animal) is(name string) bool { return a.mode().Name == name }

// while waits as long as the animal is in that mode.
func (a *animal) while(name string) {
	for a.is(name) {
		time.Sleep(50 * time.Millisecond)
	}
}

// watch ends the process when a change of mode needs a fresh one.
func (a *animal) watch(last Mode) {
	for {
		time.Sleep(100 * time.Millisecond)
		now := a.mode()
		if now.Name != last.Name && (now.Fresh || last.Fresh || last.Lasting) {
			os.Exit(5)
		}
		last = now
	}
}
