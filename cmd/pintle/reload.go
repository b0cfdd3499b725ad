package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/core/hub"
)

func newReload(std *streams) *cobra.Command {
	var f hubFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reload [PATH...]",
		Short: "Let the running hub read its configuration again",
		Long: `Tells the hub that runs with this configuration's data folder to read its own files
again. What changed is started and opened first, while the old still works; then the
old is drained and the new goes on where it stopped. When anything is wrong, the old
goes on untouched and the exit code is 2.

The hub reads the paths it was started with. PATH only says where to find the hub.`,
		Example: `  pintle plan && pintle reload
  pintle reload --data-dir /var/lib/pintle`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return reload(cmd.Context(), std, &f, asJSON, args)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write what changed as JSON")
	return cmd
}

func reload(ctx context.Context, std *streams, f *hubFlags, asJSON bool, paths []string) error {
	client, settings, err := f.client(ctx, std, paths)
	if err != nil {
		return err
	}
	changes, err := client.Reload(ctx)
	if err != nil {
		return f.asked(err, settings, paths)
	}
	if asJSON {
		return std.json(hub.Changes{Added: list(changes.Added), Changed: list(changes.Changed), Removed: list(changes.Removed)})
	}
	if changes.Empty() {
		fmt.Fprintln(std.out, "Nothing has changed.")
		return nil
	}
	i := std.ink(std.out)
	for _, name := range changes.Added {
		fmt.Fprintln(std.out, i.green("+"), name)
	}
	for _, name := range changes.Changed {
		fmt.Fprintln(std.out, i.yellow("~"), name)
	}
	for _, name := range changes.Removed {
		fmt.Fprintln(std.out, i.red("-"), name)
	}
	fmt.Fprintf(std.out, "Reloaded: %d added, %d changed, %d removed.\n", len(changes.Added), len(changes.Changed), len(changes.Removed))
	return nil
}
