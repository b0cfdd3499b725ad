package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	// The engine's own components.
	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"
)

// payloadSize is the size of an event of make bench.
const payloadSize = 300

// testCase is one configuration of the engine.
type testCase struct {
	name, promise string
	events        int
	config        string
}

const (
	inMemory = "nothing is stored; one process"
	buffered = "nothing is stored; acknowledged before it is delivered; one process"
	outside  = "nothing is stored; own processes, line by line over pipes"
)

// text is the payload; the mapping reads all of it, as the analyzer of make bench does.
func text() string {
	return strings.Repeat("slow refund again ", payloadSize)[:payloadSize-1] + "."
}

const (
	generate = "generate:\n    mapping: 'root = \"%s\"'\n    interval: ''\n    count: %d\n    batch_size: %d\n"
	count    = "mapping: 'meta words = content().string().split(\" \").length()'"
	object   = "generate:\n    mapping: 'root = {\"id\": counter(), \"author\": \"u0001\", \"text\": \"%s\"}'\n    interval: ''\n    count: %d\n    batch_size: %d\n"
	annotate = "mapping: 'root = this.assign({\"words\": this.text.split(\" \").length()})'"
	drop     = "drop: {}"
)

// cases lists all of them.
func cases() []testCase {
	var all []testCase
	for _, c := range []struct{ batch, text, object int }{{1, 60_000, 40_000}, {64, 300_000, 150_000}, {512, 400_000, 150_000}} {
		all = append(all,
			testCase{fmt.Sprintf("generate, mapping, drop; text, batch %d", c.batch), inMemory, c.text, flow(fmt.Sprintf(generate, text(), c.text, c.batch), count, drop)},
			testCase{fmt.Sprintf("generate, mapping, drop; object with a field added, batch %d", c.batch), inMemory, c.object,
				flow(fmt.Sprintf(object, text()[:payloadSize-60], c.object, c.batch), annotate, drop)})
	}
	memory := flow(fmt.Sprintf(generate, text(), 300_000, 512), count, drop) +
		"buffer:\n  memory:\n    limit: 268435456\n    batch_policy:\n      enabled: true\n      count: 512\n      period: 10ms\n"
	echo := fmt.Sprintf("subprocess:\n        name: %s\n        args: [%s]", self(), echoArg)
	return append(all,
		testCase{"the same with its memory buffer; text, batch 512", buffered, 300_000, memory},
		testCase{"processor out of process; text, batch 512", outside, 60_000, flow(fmt.Sprintf(generate, text(), 60_000, 512), echo, drop)},
		testCase{"input, processor, output out of process; text", outside, 60_000,
			flow(fmt.Sprintf("subprocess:\n    name: %s\n    args: [%s, '60000']\n", self(), emitArg), echo,
				fmt.Sprintf("subprocess:\n    name: %s\n    args: [%s]", self(), dropArg))})
}

// flow joins an input, a processor and an output to a configuration.
func flow(input, processor, output string) string {
	return "http: {enabled: false}\nmetrics: {none: {}}\nlogger: {level: error}\ninput:\n  " + input +
		"pipeline:\n  processors:\n    - " + processor + "\noutput:\n  " + output + "\n"
}

func self() string {
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

// serveCase runs one case in this process and prints its figures. The clock runs from the start of the stream to its end.
func serveCase(args []string) error {
	for _, c := range cases() {
		if len(args) == 1 && args[0] == c.name {
			f, err := c.measure()
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(f)
		}
	}
	return errArgs
}

func (c *testCase) measure() (Figures, error) {
	b := service.NewStreamBuilder()
	if err := b.SetYAML(c.config); err != nil {
		return Figures{}, err
	}
	stream, err := b.Build()
	if err != nil {
		return Figures{}, err
	}
	before, began := cpuSeconds(), time.Now()
	if err := stream.Run(context.Background()); err != nil {
		return Figures{}, err
	}
	seconds, n := time.Since(began).Seconds(), float64(c.events)
	return Figures{Case: c.name, Events: c.events, PerSecond: n / seconds, CPU: (cpuSeconds() - before) / n * 1e6}, nil
}

// cpuSeconds is what this process and those it has waited for have used.
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
