package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk"
)

// serveCase runs one case in this process and prints its figures.
func serveCase(args []string) int {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return 1
	}
	dir, err := os.MkdirTemp("", "pintle-bench")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	f := Figures{Case: args[0], Events: n, RSS: make(map[string]float64)}
	if args[0] == "reference" {
		err = reference(dir, &f)
	} else {
		err = wholeWay(dir, &f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	f.PerSecond = float64(f.Events) / f.Seconds
	f.CPU = cpuSeconds() / float64(f.Events) * 1e6
	if err := json.NewEncoder(os.Stdout).Encode(f); err != nil {
		return 1
	}
	return 0
}

const wholeWayConfig = `
pintle {
  data_dir  = "./data"
  log_level = "warn"
}
source "SOURCE" "s" {
  count = COUNT
}
analyzer "words" "w" {}
sink "meter" "m" {
  file    = "measured.json"
  latency = LATENCY
}
pipeline "p" {
  from    = [source.SOURCE.s]
  through = [analyzer.words.w]
  route "all" {
    to = [sink.meter.m]
  }
}
`

// wholeWay runs the hub as it is: embedded log, fsync before every acknowledgement.
func wholeWay(dir string, f *Figures) error {
	source, latency := "generate", "false"
	if f.Case == "latency" {
		source, latency = "clock", "true"
	}
	hcl := strings.NewReplacer("SOURCE", source, "COUNT", strconv.Itoa(f.Events), "LATENCY", latency).Replace(wholeWayConfig)
	if err := os.WriteFile(filepath.Join(dir, "bench.hcl"), []byte(hcl), 0o600); err != nil {
		return err
	}
	plan, d := config.Load(config.Options{Paths: []string{dir}, Programs: []sdk.Program{program(), generate.Program()}})
	if d.HasErrors() {
		return d
	}
	began := time.Now()
	ctx := context.Background()
	h, err := hub.Open(ctx, hub.Options{Plan: plan, UntilIdle: true, Bundled: bundled, Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn})})
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { defer close(watched); watchMemory(watching, h, f) }()
	err = h.Run(ctx)
	stop()
	<-watched
	books := h.Status(ctx).Books
	if closed := h.Close(); err == nil {
		err = closed
	}
	if err == nil && (books.Delivered != uint64(f.Events) || !books.Balanced()) {
		err = fmt.Errorf("the books do not balance: %+v", books)
	}
	if err != nil {
		return err
	}
	return f.take(filepath.Join(dir, "measured.json"), began)
}

// take reads what the sink measured. The clock runs from the hub's start to the last event's arrival.
func (f *Figures) take(path string, began time.Time) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var m measured
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	if m.Events != f.Events {
		return fmt.Errorf("the sink saw %d events of %d", m.Events, f.Events)
	}
	f.Seconds, f.First = m.Last.Sub(m.First).Seconds(), m.First.Sub(began).Seconds()*1000
	f.P50, f.P99 = m.P50, m.P99
	return nil
}

func bundled(program string) (string, []string) {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return self, []string{pluginArg, program}
}

// watchMemory notes the most memory the hub and its plugins held.
func watchMemory(ctx context.Context, h *hub.Hub, f *Figures) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s := h.Status(ctx)
		f.hold("hub", os.Getpid())
		for _, x := range s.Sources {
			f.hold("source", int(x.Pid))
		}
		for _, p := range s.Pipelines {
			for _, x := range p.Hops {
				f.hold("analyzer", int(x.Pid))
			}
			for _, x := range p.Sinks {
				f.hold("sink", int(x.Pid))
			}
		}
	}
}

// hold raises the memory of role to what process pid holds now.
func (f *Figures) hold(role string, pid int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return
	}
	var size, resident int
	if _, err := fmt.Sscan(string(b), &size, &resident); err == nil {
		f.RSS[role] = max(f.RSS[role], float64(resident*os.Getpagesize())/(1<<20))
	}
}

// cpuSeconds is what this process and the plugins it has waited for have used.
func cpuSeconds() float64 {
	var total float64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			total += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
		}
	}
	return total
}
