package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func newDLQShow(std *streams) *cobra.Command {
	var f hubFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show NUMBER... [PATH...]",
		Short: "Show dead letters with their events",
		Long: `Shows dead letters whole: why, where, and the event itself with what analyzers added.
This prints what customers wrote.`,
		Example: `  pintle dlq show 3
  pintle dlq show 3 --json | jq .event.text`,
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, paths := numbersAndPaths(args)
			if len(numbers) == 0 {
				return failf(exitConfig, "which dead letter? Name its number: pintle dlq show 3")
			}
			return showLetters(cmd.Context(), std, &f, letterChoice{numbers, paths, asJSON})
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write them as JSON, one object each")
	return cmd
}

// letterChoice is which letters to show, and how.
type letterChoice struct {
	numbers []uint64
	paths   []string
	json    bool
}

func showLetters(ctx context.Context, std *streams, f *hubFlags, c letterChoice) error {
	all, err := letters(ctx, std, f, c.paths)
	if err != nil {
		return err
	}
	some, err := pick(all, c.numbers)
	if err != nil {
		return err
	}
	for n := range some {
		d := &some[n]
		e, err := eventOf(&d.DeadLetter)
		if err != nil {
			return fail(exitFailed, err)
		}
		if c.json {
			if err := std.json(struct {
				letterJSON
				Event *eventJSON `json:"event"`
			}{letterOf(d), e}); err != nil {
				return fail(exitFailed, err)
			}
			continue
		}
		if n > 0 {
			fmt.Fprintln(std.out)
		}
		writeLetter(std, d, e)
		fmt.Fprintln(std.out)
		writeAdvice(std, d, f.words(c.paths))
	}
	return nil
}

func writeLetter(std *streams, d *hub.DeadLetter, e *eventJSON) {
	i := std.ink(std.out)
	fmt.Fprintln(std.out, i.bold(fmt.Sprintf("Dead letter %d", d.Seq)))
	t := newTable("", "")
	add := func(name, value string) {
		if value != "" {
			t.add(cell{name, i.dim}, value)
		}
	}
	add("when", d.Time.Local().Format(time.DateTime))
	add("pipeline", d.Pipeline)
	add("given up by", d.At)
	add("stage", d.Stage)
	add("code", d.Code)
	add("field", d.Field)
	add("reason", d.Reason)
	add("attempts", fmt.Sprint(d.Attempts))
	t.write(std.out, i, "  ")
	fmt.Fprintln(std.out, i.bold("Event"))
	t = newTable("", "")
	for _, f := range e.fields() {
		add(f[0], f[1])
	}
	t.write(std.out, i, "  ")
}

// writeAdvice says what can be done with a letter.
func writeAdvice(std *streams, d *hub.DeadLetter, words []string) {
	number := fmt.Sprint(d.Seq)
	drop := commandLine("dlq drop "+number, words...)
	if d.Stage == flow.StageSource {
		std.say("It was unreadable at its source: mend it there, where it is read again as new. Then: %s", drop)
		return
	}
	what := strings.TrimPrefix(d.At, "sink.")
	std.say("Once %s takes it: %s\nIf nobody needs it:%s %s", what, commandLine("dlq replay "+number, words...),
		strings.Repeat(" ", max(0, len(what)-6)), drop)
}
