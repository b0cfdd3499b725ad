package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/web"
)

// statusFlags are the flags of status.
type statusFlags struct {
	hub   hubFlags
	json  bool
	watch bool
	every time.Duration
}

func newStatus(std *streams) *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [PATH...]",
		Short: "Show how the running hub is doing",
		Long: `Shows the hub that runs with this configuration's data folder: its books (every event
accepted is delivered, dead-lettered, dropped by a named rule or in flight), each
source, analyzer and sink with its state, and how full the log is. What is not well
comes with its cause and what to do.

BEHIND is how many batches a sink has still to settle, HELD how many events wait to
be tried again.`,
		Example: `  pintle status
  pintle status --watch
  pintle status --json | jq .books`,
		RunE: func(cmd *cobra.Command, args []string) error {
			client, settings, err := f.hub.client(cmd.Context(), std, args)
			if err != nil {
				return err
			}
			v := &statusView{std: std, flags: f, paths: args, client: client, settings: settings}
			if f.watch {
				return v.watch(cmd.Context())
			}
			return v.show(cmd.Context())
		},
	}
	f.hub.register(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "write the status as JSON")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "show it again and again, until Ctrl-C")
	cmd.Flags().DurationVar(&f.every, "every", time.Second, "with --watch: the pause between two looks")
	return cmd
}

// statusView shows the status of one hub.
type statusView struct {
	std      *streams
	flags    statusFlags
	paths    []string
	client   *web.Client
	settings config.Settings
	history  progress // for rates
}

// show shows the status once.
func (v *statusView) show(ctx context.Context) error {
	s, err := v.client.Status(ctx)
	if err != nil {
		return v.flags.hub.asked(err, v.settings, v.paths)
	}
	v.history.note(s)
	if v.flags.json && v.flags.watch {
		return json.NewEncoder(v.std.out).Encode(s)
	}
	if v.flags.json {
		return v.std.json(s)
	}
	insights, err := v.client.Insights(ctx)
	if err != nil {
		return v.flags.hub.asked(err, v.settings, v.paths)
	}
	var b strings.Builder
	page := &statusPage{ink: v.std.ink(v.std.out), status: s, insights: insights, dataDir: v.settings.DataDir,
		words: v.flags.hub.words(v.paths), history: &v.history, rates: v.flags.watch}
	page.columns = width(v.std.out)
	page.write(&b)
	if rows := v.rows(); rows > 0 && strings.Count(b.String(), "\n") >= rows {
		b.Reset()
		page.urgent = true
		page.write(&b)
	}
	v.put(b.String())
	return nil
}

// rows is how many lines a watched page may have, 0 for any number.
func (v *statusView) rows() int {
	if v.flags.watch && isTerminal(v.std.out) {
		return height(v.std.out)
	}
	return 0
}

// put writes a page; while watching on a terminal, over the page before.
func (v *statusView) put(page string) {
	if v.flags.watch && isTerminal(v.std.out) {
		page = "\x1b[H" + strings.ReplaceAll(fitted(page, width(v.std.out), v.rows()), "\n", "\x1b[K\n") + "\x1b[J"
	} else if v.flags.watch {
		page += "\n"
	}
	_, _ = v.std.out.Write([]byte(page)) // a reader that is gone ends us by a signal
}

// fitted cuts a page to the screen, and says so below.
func fitted(page string, columns, rows int) string {
	lines := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
	if rows > 2 && len(lines) >= rows {
		lines = append(lines[:rows-2], fmt.Sprintf("... and %s; a taller window shows them", counted(len(lines)-rows+2, "more line")))
	}
	for i, line := range lines {
		lines[i] = clipped(line, columns)
	}
	return strings.Join(lines, "\n") + "\n"
}

// watch shows the status until ctx ends. The first look must succeed; a hub that is away later may come back.
func (v *statusView) watch(ctx context.Context) error {
	if isTerminal(v.std.out) && !v.flags.json {
		_, _ = v.std.out.Write([]byte("\x1b[2J"))
	}
	if err := v.show(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(max(v.flags.every, 100*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := v.show(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case v.flags.json:
			v.std.say("%v", err)
		default:
			v.put(fmt.Sprintf("%s: %v\n", time.Now().Format(time.TimeOnly), err))
		}
	}
}
