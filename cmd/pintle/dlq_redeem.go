package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// redemption is what replay and drop have in common.
type redemption struct {
	std    *streams
	hub    hubFlags
	filter letterFilter
	all    bool
	yes    bool

	verb, done string
	// refuses says why a letter cannot be redeemed this way, "" when it can.
	refuses func(*hub.DeadLetter) string
	one     func(*web.Client, context.Context, uint64) error
}

func newDLQReplay(std *streams) *cobra.Command {
	r := &redemption{std: std, verb: "replay", done: "Replayed", one: (*web.Client).ReplayDead}
	r.refuses = func(d *hub.DeadLetter) string {
		if d.Stage == flow.StageSource {
			return "it was unreadable at its source; mend it there and drop the letter"
		}
		return ""
	}
	return r.command(&cobra.Command{
		Use:   "replay [NUMBER...] [PATH...]",
		Short: "Send dead letters on their way again",
		Long: `Sends dead letters on their way again: to the sink that refused them, or through the
whole pipeline where analysis gave them up. An event that is refused again is a new
dead letter. Replaying needs a running hub.

Name letters by number, or take all that the filters let through with --all. What
will happen is shown first; --yes answers the question beforehand.`,
		Example: `  pintle dlq replay 3 4
  pintle dlq replay --all --at sink.sql.warehouse --yes`,
	})
}

func newDLQDrop(std *streams) *cobra.Command {
	r := &redemption{std: std, verb: "drop", done: "Dropped", one: (*web.Client).DropDead}
	r.refuses = func(*hub.DeadLetter) string { return "" }
	return r.command(&cobra.Command{
		Use:   "drop [NUMBER...] [PATH...]",
		Short: "Take dead letters out for good",
		Long: `Takes dead letters out for good. The books count them as dropped by the rule
"dead letter dropped". Dropping needs a running hub.

Name letters by number, or take all that the filters let through with --all. What
will happen is shown first; --yes answers the question beforehand.`,
		Example: `  pintle dlq drop 3
  pintle dlq drop --all --stage source --yes`,
	})
}

func (r *redemption) command(cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		numbers, paths := numbersAndPaths(args)
		switch {
		case len(numbers) > 0 && (r.all || r.filter.given()):
			return failf(exitConfig, "name numbers, or filters with --all, but not both")
		case len(numbers) == 0 && !r.all:
			return failf(exitConfig, "which dead letters? Name numbers, or take all that the filters let through with --all")
		}
		return r.run(cmd.Context(), numbers, paths)
	}
	r.hub.register(cmd)
	r.filter.register(cmd)
	cmd.Flags().BoolVar(&r.all, "all", false, "all that the filters let through")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "do not ask")
	return cmd
}

func (r *redemption) run(ctx context.Context, numbers []uint64, paths []string) error {
	client, settings, err := r.hub.client(ctx, r.std, paths)
	if err != nil {
		return err
	}
	all, err := client.DeadLetters(ctx)
	if err != nil {
		return r.hub.asked(err, settings, paths)
	}
	chosen := r.filter.of(all)
	if len(numbers) > 0 {
		if chosen, err = pick(all, numbers); err != nil {
			return err
		}
	}
	able, err := r.able(chosen, len(numbers) > 0)
	if err != nil {
		return err
	}
	if len(able) == 0 {
		r.std.say("There is nothing to %s.", r.verb)
		return nil
	}
	if err := r.confirm(able); err != nil {
		return err
	}
	return r.redeem(ctx, client, settings, able)
}

// able leaves out the letters that cannot be redeemed this way; one that was named is an error.
func (r *redemption) able(letters []hub.DeadLetter, named bool) ([]hub.DeadLetter, error) {
	var able []hub.DeadLetter
	left := 0
	why := ""
	for _, d := range letters {
		reason := r.refuses(&d)
		switch {
		case reason == "":
			able = append(able, d)
		case named:
			return nil, failf(exitFailed, "dead letter %d cannot be %sed: %s", d.Seq, r.verb, reason)
		default:
			left, why = left+1, reason
		}
	}
	if left > 0 {
		r.std.say("%s left out: %s.", counted(left, "dead letter"), why)
	}
	return able, nil
}

// confirm shows what will be done and asks.
func (r *redemption) confirm(letters []hub.DeadLetter) error {
	if r.yes {
		return nil
	}
	writeLetters(&streams{out: r.std.err, err: r.std.err, plain: r.std.plain}, letters)
	if !isTerminal(r.std.in) {
		return failf(exitConfig, "nobody is there to ask whether to %s %s: add --yes", r.verb, counted(len(letters), "dead letter"))
	}
	fmt.Fprintf(r.std.err, "\n%s %s? [y/N] ", strings.ToUpper(r.verb[:1])+r.verb[1:], counted(len(letters), "dead letter"))
	answer, _ := bufio.NewReader(r.std.in).ReadString('\n') // no answer is a no
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return failf(exitFailed, "nothing was done")
	}
	return nil
}

// redeem does it, one by one, and tells how far it came.
func (r *redemption) redeem(ctx context.Context, client *web.Client, s config.Settings, letters []hub.DeadLetter) error {
	for n, d := range letters {
		if err := r.one(client, ctx, d.Seq); err != nil {
			if n > 0 {
				r.std.say("%s %s before that.", r.done, counted(n, "dead letter"))
			}
			return r.hub.asked(err, s, nil)
		}
	}
	fmt.Fprintf(r.std.out, "%s %s.\n", r.done, counted(len(letters), "dead letter"))
	return nil
}
