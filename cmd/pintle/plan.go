package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
)

// planFlags are the flags of plan.
type planFlags struct {
	config   configFlags
	detailed bool
	json     bool
}

func newPlan(std *streams) *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan [PATH...]",
		Short: "Show what a configuration would run, and what would change",
		Long: `Shows the pipelines of a configuration: where events come from, which analyzers they
pass and which of these share a process, which routes take them where.

When a hub runs with the same data folder, plan compares with it and says what
"pintle reload" would start, restart and stop. Without one, everything is new.
Nothing is started and nothing is changed.`,
		Example: `  pintle plan
  pintle plan --detailed-exitcode && echo nothing to do
  pintle plan --json config/ | jq .changes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return showPlan(cmd.Context(), std, f, args)
		},
	}
	f.config.register(cmd)
	cmd.Flags().BoolVar(&f.detailed, "detailed-exitcode", false, "exit code 2 when something would change, 0 when nothing would")
	cmd.Flags().BoolVar(&f.json, "json", false, "write the plan as JSON")
	return cmd
}

// comparison is a plan beside what runs.
type comparison struct {
	plan    *config.Plan
	running *hub.Running // nil when no hub runs
	changes hub.Changes
	before  map[string]hub.Part
	after   map[string]hub.Part
}

func showPlan(ctx context.Context, std *streams, f planFlags, paths []string) error {
	plan, err := f.config.load(ctx, std, paths)
	if err != nil {
		return err
	}
	c, err := compare(ctx, plan)
	if err != nil {
		return err
	}
	if f.json {
		err = c.writeJSON(std)
	} else {
		c.write(std, paths)
	}
	if err != nil {
		return fail(exitFailed, err)
	}
	if f.detailed && (!c.changes.Empty() || c.needsRestart()) {
		return exitSilently(exitConfig)
	}
	return nil
}

// compare asks the hub, if one runs, what it runs.
func compare(ctx context.Context, plan *config.Plan) (*comparison, error) {
	c := &comparison{plan: plan}
	running, err := web.NewClient(plan.Settings.DataDir).Running(ctx)
	switch {
	case err == nil:
		c.running = &running
	case !errors.Is(err, web.ErrNotRunning):
		return nil, fail(exitEnvironment, err)
	}
	parts := hub.Parts(plan)
	c.changes = hub.Compare(running.Parts, parts)
	c.before, c.after = byName(running.Parts), byName(parts)
	return c, nil
}

func byName(parts []hub.Part) map[string]hub.Part {
	m := make(map[string]hub.Part, len(parts))
	for _, p := range parts {
		m[p.Name] = p
	}
	return m
}

// needsRestart reports whether settings differ that a reload cannot change.
func (c *comparison) needsRestart() bool {
	return c.running != nil && c.running.Fixed != hub.FixedHash(c.plan.Settings)
}

// pipelineJSON is a pipeline as "plan --json" writes it.
type pipelineJSON struct {
	Name   string          `json:"name"`
	From   []string        `json:"from"`
	Hops   [][]string      `json:"hops"`
	Routes []*config.Route `json:"routes"`
}

func (c *comparison) writeJSON(std *streams) error {
	type changesJSON struct {
		hub.Changes
		Details map[string][]change `json:"details"`
	}
	out := struct {
		HubRuns      bool           `json:"hub_runs"`
		NeedsRestart bool           `json:"needs_restart"`
		Changes      changesJSON    `json:"changes"`
		Pipelines    []pipelineJSON `json:"pipelines"`
		Parts        []hub.Part     `json:"parts"`
	}{HubRuns: c.running != nil, NeedsRestart: c.needsRestart(), Parts: hub.Parts(c.plan)}
	out.Changes.Changes = hub.Changes{Added: list(c.changes.Added), Changed: list(c.changes.Changed), Removed: list(c.changes.Removed)}
	out.Pipelines = []pipelineJSON{}
	out.Changes.Details = make(map[string][]change)
	for _, name := range c.changes.Changed {
		out.Changes.Details[name] = changesOf(c.before[name].Shown, c.after[name].Shown)
	}
	for _, p := range c.plan.Pipelines {
		x := pipelineJSON{Name: p.Name, From: addressesOf(p.From), Hops: [][]string{}, Routes: p.Routes}
		for _, hop := range hub.Hops(p) {
			x.Hops = append(x.Hops, addressesOf(hop))
		}
		out.Pipelines = append(out.Pipelines, x)
	}
	return std.json(out)
}

// list makes a nil list an empty one, for JSON.
func list(s []string) []string { return append([]string{}, s...) }

func addressesOf(blocks []*config.Block) []string {
	out := make([]string, len(blocks))
	for i, b := range blocks {
		out[i] = b.Address()
	}
	return out
}
