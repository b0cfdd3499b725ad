package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func newPlugin(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "See which sources, analyzers and sinks there are",
		Long: `Pintle comes with programs that offer sources, analyzers and sinks. Programs of your
own are named in the configuration and run as processes of the hub:

  plugin "acme" {
    path = "./acme-plugin"
  }`,
	}
	return family(cmd, newPluginList(std), newPluginSchema(std), newPluginDocs(std))
}

func newPluginList(std *streams) *cobra.Command {
	var f configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List the types of sources, analyzers and sinks",
		Long: `Lists what may stand behind source, analyzer and sink: what comes with Pintle, and
what the programs of a configuration's plugin blocks offer.

IDEMPOTENCY says what a sink does with an event that comes again after a crash:
native (the target takes our key, a repeat changes nothing), header (the target
remembers the key for a while), lookup (the sink looks before it writes), none (a
repeat is seen twice).`,
		Example: `  pintle plugin list
  pintle plugin list --json config/ | jq -r '.[].type'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.components(cmd.Context(), std, args)
			if err != nil {
				return err
			}
			if asJSON {
				return std.json(list)
			}
			writeComponents(std, list)
			return nil
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the list with schemas as JSON")
	return cmd
}

func writeComponents(std *streams, list []component) {
	i := std.ink(std.out)
	t := newTable("KIND", "TYPE", "FROM", "IDEMPOTENCY", "ADDS", "DOC")
	for _, c := range list {
		var adds []string
		for _, f := range c.Adds {
			adds = append(adds, f.Name)
		}
		if c.Emits {
			adds = append(adds, "insights")
		}
		from := c.Program
		if c.Plugin != "" {
			from = "plugin " + c.Plugin
		}
		t.add(c.Kind, cell{c.Type, i.bold}, from, string(c.Idempotency), strings.Join(adds, " "), cut(c.Doc, 90))
	}
	t.write(std.out, i, "")
}

func newPluginSchema(std *streams) *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "schema TYPE [PATH...]",
		Short: "Write what a block may hold, as JSON",
		Long: `Writes what a block of a type may hold: attributes with type, default and
documentation, and nested blocks. Where a source and a sink share a name, write
source.file or sink.file.`,
		Example: `  pintle plugin schema sentiment
  pintle plugin schema sink.file | jq '.schema.attributes[].name'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.components(cmd.Context(), std, args[1:])
			if err != nil {
				return err
			}
			c, err := findComponent(list, args[0])
			if err != nil {
				return err
			}
			return std.json(c)
		},
	}
	f.register(cmd)
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, c := range bundledComponents() {
			names = append(names, c.Kind+"."+c.Type)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

func newPluginDocs(std *streams) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write the reference of the bundled components as Markdown",
		Long: `Writes a page for each bundled source, analyzer and sink, and a list of them, made from
the same schemas that configurations are checked against.`,
		Example: `  pintle plugin docs --out docs/plugins/reference`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := os.MkdirAll(out, 0o755); err != nil {
				return fail(exitEnvironment, err)
			}
			for _, page := range referencePages(bundledComponents()) {
				path := filepath.Join(out, page.name)
				if err := os.WriteFile(path, []byte(page.text), 0o644); err != nil {
					return fail(exitEnvironment, err)
				}
				fmt.Fprintln(std.out, path)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", ".", "the `folder` to write to")
	_ = cmd.MarkFlagDirname("out")
	return cmd
}
