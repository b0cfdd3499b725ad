package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

func newFsck(std *streams) *cobra.Command {
	var f hubFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "fsck [PATH...]",
		Short: "Read the whole log and say what in it is damaged",
		Long: `Reads every message of the log and checks that it is there and as it was stored. Of
each damaged range it says what is lost (which messages, whose, and how many events,
as far as that can be told) and what to do. It changes nothing and mends nothing.

While no hub runs it takes the data folder for itself; a hub that is started then
says who has it. While one runs, the hub is asked to read its log beside its work.
An external log is read over its servers. A million messages take a few minutes.

A log that "pintle run" refuses because it is damaged can be read too.

The exit code is 0 when all is well, 1 when something is damaged, 3 when the log
cannot be read.`,
		Example: `  pintle fsck
  pintle fsck --data-dir /var/lib/pintle
  pintle fsck --json | jq '.damage[] | {stream, from, to, events}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			checked, err := checkLog(cmd.Context(), std, &f, args)
			if err != nil {
				return err
			}
			if asJSON {
				if err := std.json(checked); err != nil {
					return fail(exitFailed, err)
				}
			} else {
				writeChecked(std, checked)
			}
			if len(checked.Damage) > 0 {
				return exitSilently(exitFailed)
			}
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write what was found as JSON")
	return cmd
}

// checkLog lets the hub read its log, or reads it while none runs.
func checkLog(ctx context.Context, std *streams, f *hubFlags, paths []string) (hub.Checked, error) {
	client, settings, err := f.client(ctx, std, paths)
	if err != nil {
		return hub.Checked{}, err
	}
	if _, err := client.Running(ctx); err == nil {
		std.say("A hub runs on %s: it reads its log beside its work.", settings.DataDir)
		checked, err := client.Fsck(ctx)
		return checked, unreadable(f.asked(err, settings, paths))
	} else if !errors.Is(err, web.ErrNotRunning) {
		return hub.Checked{}, unreadable(f.asked(err, settings, paths))
	}
	if _, err := os.Stat(settings.DataDir); errors.Is(err, os.ErrNotExist) && settings.Broker.URL == "" {
		return hub.Checked{}, failf(exitEnvironment, "there is no data folder %s: no hub has run here yet", settings.DataDir)
	}
	return readLog(ctx, std, settings)
}

// unreadable gives an error of a hub the exit code of a log that cannot be read.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fail(exitEnvironment, err)
}

// readLog reads the log of a hub that does not run.
func readLog(ctx context.Context, std *streams, s config.Settings) (checked hub.Checked, err error) {
	p := &reading{std: std, redraw: isTerminal(std.err)}
	defer p.done()
	log, err := hub.InspectLog(ctx, s, hclog.NewNullLogger(), p.note)
	switch {
	case errors.Is(err, broker.ErrLocked):
		return checked, failf(exitEnvironment, "%w\nIt does not answer as a hub does; to find out more: %s", err, commandLine("doctor", "--data-dir", s.DataDir))
	case err != nil:
		return checked, failf(exitEnvironment, "the log cannot be read: %w", err)
	}
	defer func() {
		if closed := log.Close(context.WithoutCancel(ctx)); err == nil && closed != nil {
			err = fail(exitEnvironment, closed)
		}
	}()
	checked, err = hub.Check(ctx, log)
	return checked, unreadable(err)
}

// reading shows how far the reading of a log has come.
type reading struct {
	std    *streams
	redraw bool // in place, on a terminal
	last   time.Time
	shown  bool
}

// sayReadingEvery is how often a log file hears of it.
const sayReadingEvery = 10 * time.Second

func (r *reading) note(s broker.Stream, at, to uint64) {
	every := sayReadingEvery
	if r.redraw {
		every = redrawEvery
	}
	if r.last.IsZero() {
		r.last = time.Now() // short work needs no word
	}
	if time.Since(r.last) < every {
		return
	}
	r.last, r.shown = time.Now(), true
	text := fmt.Sprintf("reading %s: message %s of %s", streamName(s), number(at), number(to))
	if r.redraw {
		fmt.Fprintf(r.std.err, "\r%s\x1b[K", text)
		return
	}
	r.std.say("%s", text)
}

func (r *reading) done() {
	if r.shown && r.redraw {
		fmt.Fprint(r.std.err, "\r\x1b[K")
	}
}

func writeChecked(std *streams, c hub.Checked) {
	i := std.ink(std.out)
	bad := make(map[broker.Stream]int)
	for _, d := range c.Damage {
		bad[d.Stream]++
	}
	t := newTable("LOG", "MESSAGES>", "SIZE>", "FROM>", "TO>", "")
	for _, s := range c.Streams {
		if s.Last == 0 && bad[s.Stream] == 0 {
			continue // never used
		}
		result := cell{"ok", i.green}
		if n := bad[s.Stream]; n > 0 {
			result = cell{counted(n, "damaged range"), i.red}
		}
		t.add(streamName(s.Stream), number(s.Messages), size(s.Bytes), number(s.First), number(s.Last), result)
		delete(bad, s.Stream)
	}
	for s, n := range bad { // it is not there at all
		t.add(streamName(s), "", "", "", "", cell{counted(n, "damaged range"), i.red})
	}
	t.write(std.out, i, "")
	for _, d := range c.Damage {
		what, reason := lost(d)
		fmt.Fprintf(std.out, "\n%s: %s\n    %s %s\n", i.red(what), reason, i.dim("next:"), d.Advice())
	}
	took := lasted(time.Duration(c.Seconds * float64(time.Second)))
	if len(c.Damage) == 0 {
		std.say("\n%s Read in %s.", i.green("All of it is as it was stored."), took)
		return
	}
	std.say("\n%s. Read in %s.", i.red(counted(len(c.Damage), "damaged range")), took)
}

// lost says what a damage costs: which messages, how many events, whose; and why.
func lost(d *broker.Damage) (what, reason string) {
	what = fmt.Sprintf("%s %s to %s", streamName(d.Stream), number(d.From), number(d.To))
	if d.From == d.To {
		what = fmt.Sprintf("%s %s", streamName(d.Stream), number(d.From))
	}
	var parts []string
	if d.Events > 0 {
		parts = append(parts, counted(d.Events, "event"))
	} else {
		parts = append(parts, counted(d.Messages, "message"))
	}
	var whose []string
	for _, s := range d.Subjects {
		whose = append(whose, flow.Whose(s))
	}
	if len(whose) > 0 {
		parts = append(parts, "of "+strings.Join(whose, ", "))
	}
	return what + " (" + clean(strings.Join(parts, " ")) + ")", clean(d.Reason)
}
