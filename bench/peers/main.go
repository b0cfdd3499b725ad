// Command peers runs the engine of another system on the same machine and the same 300-byte payload as make bench, so that
// our figures do not stand alone: Redpanda Connect's engine (benthos), as a library in one process and with its own kind of
// plugins out of process. It is a module of its own, so that what it depends on stays out of ours.
//
// What is compared is not the same promise. The engine passes messages through memory: an event that was taken and not yet
// delivered is lost when the process dies, nothing can be replayed, and there are no books. Pintle's whole way stores every
// event and what was found out about it with an fsync before each acknowledgement, and runs every plugin in its own process
// over gRPC. The table says with each case what it promises. Redpanda Connect's gRPC plugins and its sqlite buffer are in
// another module, which is not built here.
//
// Its promise: the engine runs as its authors ship it, with its own components; nothing is made slower for the comparison.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// Arguments with which the program starts itself.
const (
	caseArg = "__case"
	emitArg = "__emit"
	echoArg = "__echo"
	dropArg = "__drop"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case caseArg, emitArg, echoArg, dropArg:
			if err := part(os.Args[1], os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, "peers:", err)
				os.Exit(1)
			}
			return
		}
	}
	rounds := flag.Int("rounds", 2, "rounds of each case, in turns")
	path := flag.String("json", "", "write the figures to this file as JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds, *path)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// part is what the program does when it has started itself.
func part(what string, args []string) error {
	switch what {
	case emitArg:
		return emit(os.Stdout, args)
	case echoArg:
		return echo(os.Stdin, os.Stdout)
	case dropArg:
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
	return serveCase(args)
}

// Figures are what one case measured.
type Figures struct {
	Case      string  `json:"case"`
	Events    int     `json:"events"`
	PerSecond float64 `json:"events_per_second"`
	CPU       float64 `json:"cpu_seconds_per_million"`
}

func run(ctx context.Context, rounds int, path string) error {
	all := make(map[string][]Figures)
	for round := range rounds {
		cases := cases()
		if round%2 == 1 {
			slices.Reverse(cases)
		}
		for _, c := range cases {
			f, err := runCase(ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			fmt.Fprintf(os.Stderr, "%s: %.0f events/s, %.1f CPU s a million\n", c.name, f.PerSecond, f.CPU)
			all[c.name] = append(all[c.name], f)
		}
	}
	var middle []Figures
	for _, c := range cases() {
		middle = append(middle, median(all[c.name]))
	}
	if err := print(os.Stdout, middle); err != nil {
		return err
	}
	if path == "" {
		return nil
	}
	b, err := json.MarshalIndent(middle, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// runCase runs one case in a process of its own.
func runCase(ctx context.Context, c testCase) (f Figures, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return f, err
	}
	cmd := exec.CommandContext(ctx, self, caseArg, c.name)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// median returns the figures of the round with the middle speed; of an even number the slower of the two.
func median(list []Figures) Figures {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b Figures) int { return int(a.PerSecond - b.PerSecond) })
	return sorted[(len(sorted)-1)/2]
}

func print(out io.Writer, figures []Figures) error {
	promises := make(map[string]string)
	for _, c := range cases() {
		promises[c.name] = c.promise
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Redpanda Connect's engine, 300-byte events\tevents/s\tCPU s/million\twhat it promises")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%s\n", f.Case, f.PerSecond, f.CPU, promises[f.Case])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "None keeps what is on its way over a crash; Pintle's whole way stores it twice, with fsync, and runs every plugin in a process.")
	return err
}

var errArgs = errors.New("this argument is for the program itself")

func number(args []string) (int, error) {
	if len(args) != 1 {
		return 0, errArgs
	}
	return strconv.Atoi(args[0])
}
