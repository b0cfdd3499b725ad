package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

func newGraph(std *streams) *cobra.Command {
	var f configFlags
	var format string
	cmd := &cobra.Command{
		Use:   "graph [PATH...]",
		Short: "Draw what is connected with what",
		Long: `Writes the picture of a configuration: sources, analyzers, routes with their
conditions, and sinks. mermaid is what many wikis and forges show, dot is for
Graphviz, json is for programs.`,
		Example: `  pintle graph
  pintle graph --format dot | dot -Tsvg > pintle.svg`,
		RunE: func(cmd *cobra.Command, args []string) error {
			draw, ok := map[string]func(drawing) string{"mermaid": mermaid, "dot": dot}[format]
			if !ok && format != "json" {
				return failf(exitConfig, "--format %q: write mermaid, dot or json", format)
			}
			plan, err := f.load(cmd.Context(), std, args)
			if err != nil {
				return err
			}
			if format == "json" {
				return std.json(plan.Graph())
			}
			_, err = io.WriteString(std.out, draw(draft(plan.Graph())))
			return err
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&format, "format", "mermaid", "mermaid, dot or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"mermaid", "dot", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// drawing is a graph with its nodes sorted by where they stand. Ids are numbers, because a name may be a word of the language
// that draws.
type drawing struct {
	shared    []drawn // sources and sinks
	pipelines []cluster
	ids       map[string]string
	edges     []config.Edge
}

type cluster struct {
	name  string
	nodes []drawn
}

type drawn struct {
	id string
	config.Node
}

func draft(g config.Graph) drawing {
	d := drawing{ids: make(map[string]string), edges: g.Edges}
	at := make(map[string]int)
	for i, n := range g.Nodes {
		x := drawn{fmt.Sprintf("n%d", i), n}
		d.ids[n.ID] = x.id
		if n.Pipeline == "" {
			d.shared = append(d.shared, x)
			continue
		}
		k, ok := at[n.Pipeline]
		if !ok {
			k = len(d.pipelines)
			at[n.Pipeline] = k
			d.pipelines = append(d.pipelines, cluster{name: n.Pipeline})
		}
		d.pipelines[k].nodes = append(d.pipelines[k].nodes, x)
	}
	return d
}
