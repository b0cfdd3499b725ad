package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

func newValidate(std *streams) *cobra.Command {
	var f configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate [PATH...]",
		Short: "Check a configuration and say all that is wrong with it",
		Long: `Reads a configuration and checks all of it: syntax, references, settings of plugins,
expressions. Programs named in plugin blocks are started and asked what they offer.
Nothing else is started and nothing is contacted.

The exit code is 0 when the configuration is good (warnings allowed) and 2 when it
is not. With --json, editors and reviewers' tools get the shape they know from
Terraform: format_version, valid, error_count, warning_count, diagnostics.`,
		Example: `  pintle validate
  pintle validate pintle.hcl more.hcl
  pintle validate --json config/ | jq .diagnostics`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd.Context(), args, nil)
			if err != nil {
				return err
			}
			plan, d := config.Load(o)
			if asJSON {
				return validateJSON(std, d)
			}
			if err := diagnosed(std, d); err != nil {
				return err
			}
			if len(d) > 0 {
				std.say("")
			}
			std.say("%s %s.", std.ink(std.err).green("The configuration is good:"), contents(plan))
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the findings as JSON")
	return cmd
}

func validateJSON(std *streams, d config.Diagnostics) error {
	if err := std.json(d); err != nil {
		return fail(exitFailed, err)
	}
	if d.HasErrors() {
		return exitSilently(exitConfig)
	}
	return nil
}

// contents says what a plan consists of: 2 sources, 1 sink and 1 pipeline.
func contents(p *config.Plan) string {
	var parts []string
	for _, x := range []struct {
		n    int
		noun string
	}{{len(p.Sources), "source"}, {len(p.Analyzers), "analyzer"}, {len(p.Sinks), "sink"}, {len(p.Pipelines), "pipeline"}} {
		if x.n > 0 {
			parts = append(parts, counted(x.n, x.noun))
		}
	}
	if len(parts) == 0 {
		return "it does nothing yet"
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
