package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

func newDLQ(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dlq",
		Short: "Look at dead letters, replay them or drop them",
		Long: `A dead letter is an event that could not go on: a line that a source could not read,
an event on which an analyzer failed, or one that a sink refused. It is kept with the
reason, and is counted in the books, until somebody replays or drops it.`,
		Example: `  pintle dlq list
  pintle dlq show 3
  pintle dlq replay --at sink.sql.warehouse --all
  pintle dlq drop 3 4`,
	}
	return family(cmd, newDLQList(std), newDLQShow(std), newDLQReplay(std), newDLQDrop(std))
}

// letterFilter says which dead letters are meant.
type letterFilter struct{ pipeline, stage, at, code string }

func (f *letterFilter) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.pipeline, "pipeline", "", "only those of this `pipeline`")
	cmd.Flags().StringVar(&f.stage, "stage", "", "only those of this `stage`: source, analyze or sink")
	cmd.Flags().StringVar(&f.at, "at", "", "only those that this `block` gave up, such as sink.sql.warehouse")
	cmd.Flags().StringVar(&f.code, "code", "", "only those with this `code`")
	_ = cmd.RegisterFlagCompletionFunc("stage", cobra.FixedCompletions([]string{"source", "analyze", "sink"}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *letterFilter) matches(d *hub.DeadLetter) bool {
	return (f.pipeline == "" || f.pipeline == d.Pipeline) && (f.stage == "" || f.stage == d.Stage) &&
		(f.at == "" || f.at == d.At) && (f.code == "" || f.code == d.Code)
}

// given reports whether there is a filter at all.
func (f *letterFilter) given() bool { return *f != letterFilter{} }

func (f *letterFilter) of(letters []hub.DeadLetter) []hub.DeadLetter {
	return slices.DeleteFunc(slices.Clone(letters), func(d hub.DeadLetter) bool { return !f.matches(&d) })
}

// letters reads the dead letters: from the hub, or from its data while none runs.
func letters(ctx context.Context, std *streams, f *hubFlags, paths []string) ([]hub.DeadLetter, error) {
	client, settings, err := f.client(ctx, std, paths)
	if err != nil {
		return nil, err
	}
	list, err := client.DeadLetters(ctx)
	if errors.Is(err, web.ErrNotRunning) {
		return storedLetters(ctx, settings)
	}
	return list, f.asked(err, settings, paths)
}

// storedLetters reads the dead letters of a hub that does not run.
func storedLetters(ctx context.Context, s config.Settings) (list []hub.DeadLetter, err error) {
	if _, err := os.Stat(s.DataDir); errors.Is(err, os.ErrNotExist) && s.Broker.URL == "" {
		return nil, failf(exitEnvironment, "there is no data folder %s: no hub has run here yet", s.DataDir)
	}
	log, err := hub.OpenLog(ctx, s, hclog.NewNullLogger())
	if err != nil {
		return nil, fail(exitEnvironment, err)
	}
	defer func() {
		if closed := log.Close(context.WithoutCancel(ctx)); err == nil && closed != nil {
			err = fail(exitFailed, closed)
		}
	}()
	list, err = hub.DeadLetters(ctx, log)
	if err != nil {
		return nil, fail(exitFailed, err)
	}
	return list, nil
}

// numbersAndPaths sorts the arguments of show, replay and drop: numbers of dead letters come first, paths behind them.
func numbersAndPaths(args []string) (numbers []uint64, paths []string) {
	for i, a := range args {
		n, err := strconv.ParseUint(a, 10, 64)
		if err != nil {
			return numbers, args[i:]
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// pick returns the letters with these numbers.
func pick(letters []hub.DeadLetter, numbers []uint64) ([]hub.DeadLetter, error) {
	var out []hub.DeadLetter
	for _, n := range numbers {
		i := slices.IndexFunc(letters, func(d hub.DeadLetter) bool { return d.Seq == n })
		if i < 0 {
			return nil, fail(exitFailed, fmt.Errorf("there is no dead letter %d: \"pintle dlq list\" shows those there are", n))
		}
		out = append(out, letters[i])
	}
	return out, nil
}
