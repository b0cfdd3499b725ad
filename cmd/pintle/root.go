package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Groups of commands in the help.
const (
	groupConfigure = "configure"
	groupRun       = "run"
	groupLook      = "look"
	groupPlugins   = "plugins"
)

// orientation is what pintle says when it is called without a command.
const orientation = `Pintle brings what customers say to the systems that can act on it.

First steps:
  pintle init demo              write a small configuration into the folder demo
  pintle run --until-idle demo  run it until everything is delivered
  pintle help                   all commands
`

const rootLong = `Pintle brings what customers say to the systems that can act on it: it takes in
events from sources, lets analyzers find out what they mean, and hands events and
insights to sinks. What is connected with what stands in *.hcl files.

PATH is a file, or a folder whose *.hcl files are read together; without one it
is the folder you are in.

Exit codes: 0 ok, 1 failed at run time, 2 the configuration or the command line is
wrong, 3 the environment is (a program, a port, a folder in use, no hub to talk to).`

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, args []string, std *streams) int {
	root := newRoot(std)
	root.SetArgs(twoDashes(root, args))
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	return codeOf(root.ExecuteContext(ctx), func(err error) {
		fmt.Fprintln(std.err, std.ink(std.err).red("pintle:"), strings.TrimSpace(err.Error()))
	})
}

func newRoot(std *streams) *cobra.Command {
	root := &cobra.Command{
		Use:                   "pintle",
		Short:                 "Bring what customers say to the systems that can act on it",
		Long:                  rootLong,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(std.out, orientation)
			return err
		},
	}
	cobra.EnableCommandSorting = false // the order below is the order in which people need them
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().BoolVar(&std.plain, "no-color", false, "write without colours (also: NO_COLOR=1)")
	root.SetFlagErrorFunc(flagError)
	for _, g := range []*cobra.Group{{ID: groupConfigure, Title: "Configure:"}, {ID: groupRun, Title: "Run:"},
		{ID: groupLook, Title: "Look:"}, {ID: groupPlugins, Title: "Plugins:"}} {
		root.AddGroup(g)
	}
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupConfigure, newInit(std), newValidate(std), newFmt(std), newPlan(std), newGraph(std))
	add(groupRun, newRun(std), newReload(std))
	add(groupLook, newStatus(std), newDoctor(std), newFsck(std), newDLQ(std))
	add(groupPlugins, newPlugin(std), newModel(std))
	add("", newCompletion(std), newVersion(std))
	return root
}

// flagError tells which flag may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		if near := nearestFlag(cmd, name); near != "" {
			hint = "did you mean --" + near + "?"
		}
	}
	return fmt.Errorf("%w: %s", err, hint)
}

func nearestFlag(cmd *cobra.Command, name string) string {
	best, near := 3, ""
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := levenshtein.Distance(name, f.Name, nil); d < best && !f.Hidden {
			best, near = d, f.Name
		}
	})
	return near
}

// family makes a command of subcommands: alone it shows its help, and a word it does not know is an error.
func family(cmd *cobra.Command, members ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(members...)
	cmd.DisableFlagsInUseLine = true
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		var names []string
		hint, best := "", 3
		for _, m := range members {
			names = append(names, m.Name())
			if d := levenshtein.Distance(args[0], m.Name(), nil); d < best {
				best, hint = d, "did you mean "+m.Name()+"?"
			}
		}
		if hint == "" {
			hint = "there are " + strings.Join(names, ", ")
		}
		return fmt.Errorf("unknown command %q for %q: %s", args[0], cmd.CommandPath(), hint)
	}
	return cmd
}

// twoDashes takes -json for --json, as people who come from Terraform write it. There are few one-letter flags, so that
// nothing else can be meant.
func twoDashes(root *cobra.Command, args []string) []string {
	known := make(map[string]bool)
	collectFlags(root, known)
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if a == "--" {
			copy(out[i:], args[i:])
			break
		}
		if !strings.HasPrefix(a, "-") || strings.HasPrefix(a, "--") {
			continue
		}
		if name, _, _ := strings.Cut(a[1:], "="); len(name) > 1 && known[name] {
			out[i] = "-" + a
		}
	}
	return out
}

func collectFlags(cmd *cobra.Command, known map[string]bool) {
	note := func(f *pflag.Flag) { known[f.Name] = true }
	cmd.Flags().VisitAll(note)
	cmd.PersistentFlags().VisitAll(note)
	for _, c := range cmd.Commands() {
		collectFlags(c, known)
	}
}
