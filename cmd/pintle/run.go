package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// runFlags are the flags of run.
type runFlags struct {
	config    configFlags
	untilIdle bool
	json      bool
}

func newRun(std streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] [FILE|FOLDER]...",
		Short: "Run a configuration",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runHub(cmd.Context(), std, f, args)
		},
	}
	f.config.register(cmd)
	cmd.Flags().BoolVar(&f.untilIdle, "until-idle", false, "end when finite sources are read and everything is delivered")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the books as JSON at the end")
	return cmd
}

func runHub(ctx context.Context, std streams, f runFlags, paths []string) error {
	plan, err := f.config.load(std, paths)
	if err != nil {
		return err
	}
	log := hclog.New(&hclog.LoggerOptions{Name: "pintle", Output: std.err, Level: hclog.LevelFromString(plan.Settings.LogLevel)})
	h, err := hub.Open(ctx, hub.Options{Plan: plan, Logger: log, Bundled: bundledCommand, Stdout: os.Stdout, UntilIdle: f.untilIdle})
	if err != nil {
		code := exitFailed
		if errors.Is(err, broker.ErrLocked) {
			code = exitEnvironment
		}
		return fail(code, err)
	}
	err = serve(ctx, std, f, h, plan, paths)
	status := h.Status(context.WithoutCancel(ctx))
	err = errors.Join(err, h.Close())
	return report(std, f, status, err)
}

// serve runs the hub and its admin API until the hub ends.
func serve(ctx context.Context, std streams, f runFlags, h *hub.Hub, plan *config.Plan, paths []string) error {
	api := &web.Server{Hub: h, Reload: func(ctx context.Context) (hub.Changes, error) {
		plan, err := f.config.load(std, paths)
		if err != nil {
			return hub.Changes{}, err
		}
		return h.Reload(ctx, plan)
	}}
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- api.Run(inner, plan.Settings.DataDir) }()
	err := h.Run(ctx)
	cancel()
	return errors.Join(err, <-served)
}

// report prints the books and decides the exit code.
func report(std streams, f runFlags, s hub.Status, err error) error {
	if f.json {
		out, _ := json.Marshal(s.Books)
		fmt.Fprintln(std.out, string(out))
	}
	if err != nil {
		return fail(exitFailed, err)
	}
	if f.untilIdle && (!s.Balanced || s.Books.InFlight > 0) {
		return fail(exitFailed, fmt.Errorf("the books do not balance: %d accepted, %d delivered, %d dead-lettered, %d dropped, %d in flight",
			s.Books.Accepted, s.Books.Delivered, s.Books.Dead, s.Books.Dropped, s.Books.InFlight))
	}
	return nil
}
