// Package keep shows a zoo: it runs the real hub with a good route and some animals beside it, lets these misbehave for a
// while, and says what that cost the good route, the hub and the machine. What it promises to find out is listed in Faults.
package keep

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
	"github.com/pintle-hub/pintle/core/hub"
)

// Cage is one animal: a component of a kind in a pipeline of its own that misbehaves in a mode.
type Cage struct {
	Mode zoo.Mode
	Kind rune
}

// Name is the name of the cage's plugin, block and pipeline.
func (c Cage) Name() string {
	return strings.ReplaceAll(c.Mode.Name, "-", "_") + "_" + string(c.Kind)
}

// Cages returns a cage for each kind of the modes.
func Cages(modes ...zoo.Mode) (list []Cage) {
	for _, m := range modes {
		for _, kind := range m.Kinds {
			list = append(list, Cage{m, kind})
		}
	}
	return list
}

// Show is one hub with a good route and some animals.
type Show struct {
	// Hub is the pintle binary, Self the program that serves animals: started with the arguments zoo, a name and a file.
	Hub, Self string
	Dir       string
	Cages     []Cage
	// Bad is how long the animals misbehave, Baseline how long they are watched while they are good.
	Bad, Baseline time.Duration
	// Again is how long all may take to flow again once the animals are good, Told how long until status has told of them.
	Again, Told time.Duration
	// Slack multiplies what the good route may lose of its pace, for a busy machine; 0 means 1.
	Slack float64
}

// Report is what a show has found.
type Report struct {
	Before, During Pace
	// RSS is the most memory the hub held, in bytes, CPU its share of one processor while the animals were bad.
	RSSBefore, RSS int64
	CPU            float64
	LogBytes       int64
	// Told is what status said of each cage's pipeline, while it was bad.
	Told map[string]string
	// Back is how long it took until all flowed again, Stop how long the hub took to end.
	Back, Stop time.Duration
	Faults     []string
}

func (r *Report) fault(format string, args ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}

// Run gives the show.
func (s *Show) Run(ctx context.Context) (r Report, err error) {
	for _, c := range s.Cages {
		if err := s.set(c, zoo.Good); err != nil {
			return r, err
		}
	}
	if err := s.configure(); err != nil {
		return r, err
	}
	h, err := s.start(ctx)
	if err != nil {
		return r, err
	}
	defer h.end()
	if err := s.waitUntil(ctx, 2*time.Minute, "everything flows", func(st hub.Status) string { return flowing(st, nil) }); err != nil {
		return r, err
	}
	r.Before = s.watch(ctx, s.Baseline)
	r.RSSBefore = h.rss()
	s.misbehave(ctx, h, &r)
	s.behave(ctx, h, &r)
	for _, c := range s.Cages {
		if c.Mode.Stop {
			_ = s.set(c, c.Mode.Name)
		}
	}
	select {
	case <-time.After(500 * time.Millisecond): // they look every so often
	case <-ctx.Done():
	}
	began := time.Now()
	if !h.stop(25 * time.Second) {
		r.fault("the hub had to be killed when it was to stop")
	}
	r.Stop = time.Since(began)
	for _, o := range s.orphans() {
		r.fault("orphan: %s", o)
	}
	s.checkLedger(&r)
	s.checkLog(&r)
	return r, nil
}

// set tells the animal in a cage what to do.
func (s *Show) set(c Cage, mode string) error {
	path := s.modeFile(c)
	if err := os.WriteFile(path+".new", []byte(mode), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (s *Show) modeFile(c Cage) string { return filepath.Join(s.Dir, c.Name()+".mode") }
func (s *Show) out(name string) string { return filepath.Join(s.Dir, name+".out") }

// configure writes the hub's configuration.
func (s *Show) configure() error {
	var b strings.Builder
	fmt.Fprintf(&b, "pintle {\n  data_dir = %q\n}\n", filepath.Join(s.Dir, "data"))
	s.plugin(&b, "feed", filepath.Join(s.Dir, "feed.mode"))
	fmt.Fprint(&b, "source \"feed\" \"feed\" {\n  rate = 500\n}\n")
	s.sink(&b, "feed", "good")
	pipeline(&b, "good", "source.feed.feed", "", "sink.feed.good")
	for _, c := range s.Cages {
		n := c.Name()
		s.plugin(&b, n, s.modeFile(c))
		from, through, to := "source.feed.feed", "", "sink.feed."+n
		switch c.Kind {
		case zoo.Source:
			fmt.Fprintf(&b, "source %q %q {\n  rate = 100\n}\n", n, n)
			from = "source." + n + "." + n
		case zoo.Analyzer:
			fmt.Fprintf(&b, "analyzer %q %q {}\n", n, n)
			through = n
		case zoo.Sink:
			to = "sink." + n + "." + n
		}
		if c.Kind == zoo.Sink {
			s.sink(&b, n, n)
		} else {
			s.sink(&b, "feed", n)
		}
		pipeline(&b, n, from, through, to)
	}
	return os.WriteFile(filepath.Join(s.Dir, "zoo.hcl"), []byte(b.String()), 0o600)
}

func (s *Show) plugin(b *strings.Builder, name, file string) {
	fmt.Fprintf(b, "plugin %q {\n  path   = %q\n  args   = [\"zoo\", %q, %q]\n  memory = \"256MiB\"\n}\n", name, s.Self, name, file)
}

func (s *Show) sink(b *strings.Builder, typ, name string) {
	fmt.Fprintf(b, "sink %q %q {\n  out = %q\n}\n", typ, name, s.out(name))
}

// pipeline writes a pipeline whose routes look at what the analyzer adds and at the events' data, so that the hub decodes it.
func pipeline(b *strings.Builder, name, from, analyzer, to string) {
	fmt.Fprintf(b, "pipeline %q {\n  from = [%s]\n", name, from)
	when := "event.data.a != 1"
	if analyzer != "" {
		fmt.Fprintf(b, "  through = [analyzer.%s.%s]\n", analyzer, analyzer)
		when = fmt.Sprintf("event.%s.n >= 0 || event.%s.word != \"x\"", analyzer, analyzer)
	}
	fmt.Fprintf(b, "  route \"some\" {\n    when = %s\n    to = [%s]\n  }\n  route \"all\" {\n    to = [%s]\n  }\n}\n", when, to, to)
}
