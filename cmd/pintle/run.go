package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
	"github.com/pintle-hub/pintle/sdk"
)

// runFlags are the flags of run.
type runFlags struct {
	config    configFlags
	untilIdle bool
	json      bool
	logLevel  string
	progress  bool // shown; by itself on a terminal
}

func newRun(std *streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [PATH...]",
		Short: "Run a configuration",
		Long: `Runs a configuration until it is told to stop. Every plugin is a process of its own,
and what a source hands over is on disk before the channel hears of it.

SIGINT and SIGTERM stop it: sources first, then what is on its way arrives, at most
15 seconds. A second signal ends it at once; nothing is lost then either, but sinks
may see some events again. SIGHUP reads the configuration again, as "pintle reload"
does: a configuration with mistakes changes nothing.

With --until-idle the run ends when all sources that can end are read and everything
is delivered, and says what came in, what people say and where it went. A target that
is down is waited for: the run then says for what and why, and Ctrl-C ends it. With --json
the last line on stdout is one JSON object with the books; the keys accepted,
delivered, dead_lettered, dropped, in_flight and insights come first.

On a terminal the progress is shown while it runs. The exit code is 1 when a part
gave up or, with --until-idle, when something is still on its way at the end; 2 when
the configuration is wrong; 3 when the data folder is in use, the log in it is
damaged or a program cannot be started.`,
		Example: `  pintle run
  pintle run --until-idle examples/quickstart
  pintle run --until-idle --json demo | tail -1 | jq .delivered
  pintle run --var region=eu --log-level debug config/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("progress") {
				f.progress = isTerminal(std.err)
			}
			return runHub(cmd.Context(), std, f, args)
		},
	}
	f.config.register(cmd)
	cmd.Flags().BoolVar(&f.untilIdle, "until-idle", false, "end when all that can be read is read and delivered")
	cmd.Flags().BoolVar(&f.json, "json", false, "write the books as one line of JSON at the end")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "", "debug, info, warn or error, instead of what the configuration says")
	cmd.Flags().BoolVar(&f.progress, "progress", false, "show the progress on stderr (default: on a terminal)")
	_ = cmd.RegisterFlagCompletionFunc("log-level", cobra.FixedCompletions(logLevels(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func logLevels() []string { return []string{"debug", "info", "warn", "error"} }

func runHub(ctx context.Context, std *streams, f runFlags, paths []string) error {
	if f.logLevel != "" && !slices.Contains(logLevels(), f.logLevel) {
		return failf(exitConfig, "--log-level %q: write debug, info, warn or error", f.logLevel)
	}
	plan, err := f.config.load(ctx, std, paths)
	if err != nil {
		return err
	}
	if err := worksAtAll(plan); err != nil {
		return fail(exitConfig, err)
	}
	s := newScreen(std, f.progress)
	heard, deaf := context.WithCancel(context.WithoutCancel(ctx))
	defer deaf()
	r := &runner{flags: f, paths: paths, std: std, screen: s, log: s.logger(cmp.Or(f.logLevel, plan.Settings.LogLevel)),
		hangups: hangups(heard)}
	out, err := s.stdout()
	if err != nil {
		return fail(exitEnvironment, err)
	}
	r.hub, err = hub.Open(ctx, hub.Options{Plan: plan, Logger: r.log, Bundled: bundledCommand, Stdout: out, UntilIdle: f.untilIdle})
	if err != nil {
		s.close()
		return openError(err, plan, paths)
	}
	return r.run(ctx, plan)
}

// worksAtAll refuses a configuration that would run nothing.
func worksAtAll(plan *config.Plan) error {
	if len(plan.Pipelines) == 0 {
		return errors.New("the configuration has no pipeline: nothing would run")
	}
	return nil
}

// openError says what to do when the log cannot be opened.
func openError(err error, plan *config.Plan, paths []string) error {
	if errors.Is(err, broker.ErrLocked) {
		return failf(exitEnvironment, "%w\nTo look at the hub that runs there: %s", err, commandLine("status", "--data-dir", plan.Settings.DataDir))
	}
	if errors.Is(err, broker.ErrDamaged) {
		return failf(exitEnvironment, "%w\nTo see all that is lost: %s", err, commandLine("fsck", paths...))
	}
	return failf(exitEnvironment, "%w\nTo see what the hub needs: %s", err, commandLine("doctor", paths...))
}

// runner is one run of a hub.
type runner struct {
	flags  runFlags
	paths  []string
	std    *streams
	screen *screen
	log    hclog.Logger
	hub    *hub.Hub
	// hangups are the SIGHUPs since the program began to open the log.
	hangups <-chan os.Signal
}

// run runs the hub from its first plugin to its last word.
func (r *runner) run(ctx context.Context, plan *config.Plan) error {
	before := r.hub.Status(ctx)
	err := r.hub.Prepare(ctx)
	if err != nil {
		err = errors.Join(err, r.hub.Close())
		r.screen.close()
		if ctx.Err() != nil {
			return exitSilently(exitFailed) // a signal, before anything began
		}
		return fail(prepareCode(err), err)
	}
	err = r.serve(ctx, plan)
	after := r.hub.Status(context.WithoutCancel(ctx))
	err = errors.Join(err, r.hub.Close())
	r.screen.close()
	return r.report(story{before: before, after: after, insights: r.hub.Insights(), paths: r.paths, dir: plan.Settings.DataDir}, err)
}

// prepareCode tells a configuration that a plugin refuses from a program that does not start.
func prepareCode(err error) int {
	if sdk.CodeOf(err) == sdk.Invalid {
		return exitConfig
	}
	return exitEnvironment
}

// serve runs the hub, its admin API and what watches it until the hub ends.
func (r *runner) serve(ctx context.Context, plan *config.Plan) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		r.log.Info("stopping: what is on its way still arrives; a second signal ends at once")
	})
	defer stop()
	api := &web.Server{Hub: r.hub, Reload: r.reload}
	ctx, stopRun := context.WithCancel(ctx)
	defer stopRun()
	g, inner := errgroup.WithContext(inner)
	g.Go(func() error {
		defer stopRun() // a hub that nobody can talk to is not left running
		return api.Run(inner, plan.Settings.DataDir)
	})
	if address := plan.Settings.Metrics; address != "" {
		g.Go(func() error {
			defer stopRun()
			return api.RunMetrics(inner, address)
		})
	}
	g.Go(func() error { r.screen.watch(inner, r.hub.Status); return nil })
	g.Go(func() error { r.onHangup(inner, stopRun); return nil })
	g.Go(func() error { r.tellStall(inner); return nil })
	r.logStart(plan)
	err := r.hub.Run(ctx)
	cancel()
	return errors.Join(err, g.Wait())
}

// logStart marks the beginning in the log of a hub that is to stay.
func (r *runner) logStart(plan *config.Plan) {
	if !r.flags.untilIdle {
		r.log.Info("running", "data", plan.Settings.DataDir, "consists_of", contents(plan))
	}
}

// onHangup reads the configuration again at each SIGHUP. A terminal that was closed sends it too: then nobody is there any
// more, and the run ends as at SIGTERM.
func (r *runner) onHangup(ctx context.Context, stop func()) {
	terminal := isTerminal(os.Stderr)
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.hangups:
		}
		if terminal && !isTerminal(os.Stderr) {
			stop()
			return
		}
		_, _ = r.reload(ctx) // it has logged what came of it
	}
}

// reload reads the configuration again and gives it to the hub, whose status shows what is wrong with it. The API calls it too.
func (r *runner) reload(ctx context.Context) (hub.Changes, error) {
	changes, err := r.take(ctx)
	r.hub.Refused(err)
	return changes, err
}

func (r *runner) take(ctx context.Context) (hub.Changes, error) {
	o, err := r.flags.config.options(ctx, r.paths, nil)
	if err != nil {
		return hub.Changes{}, err
	}
	plan, d := config.Load(o)
	if d.HasErrors() {
		r.log.Error("the configuration has errors, the old one goes on", "first", firstError(d), "all", "pintle status")
		return hub.Changes{}, refused(d)
	}
	if err := worksAtAll(plan); err != nil { // a file that is being written is empty for a moment
		r.log.Error("the configuration is not taken, the old one goes on", "error", err)
		return hub.Changes{}, sdk.Errorf(sdk.Invalid, "%w, so the old one goes on", err)
	}
	changes, err := r.hub.Reload(ctx, plan)
	if err != nil {
		r.log.Error("reload failed", "error", err)
		return changes, err
	}
	r.log.Info("configuration reloaded", "added", changes.Added, "changed", changes.Changed, "removed", changes.Removed)
	return changes, nil
}
