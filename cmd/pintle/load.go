package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
	"github.com/pintle-hub/pintle/sdk"
)

// configFlags say which configuration, with which variables.
type configFlags struct {
	vars     []string
	varFiles []string
}

func (f *configFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.vars, "var", nil, "set a variable: `name=value` (may be repeated)")
	cmd.Flags().StringArrayVar(&f.varFiles, "var-file", nil, "read variables from a `file` of name = value (may be repeated)")
	cmd.ValidArgsFunction = completeConfig
	_ = cmd.MarkFlagFilename("var-file")
}

// completeConfig lets the shell complete paths of configurations.
func completeConfig(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt
}

// options says what to load. described hears of every program that a plugin block names; nil means nobody wants to.
func (f *configFlags) options(ctx context.Context, paths []string, described func(config.Plugin, sdk.Program)) (config.Options, error) {
	vars := make(map[string]string)
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return config.Options{}, failf(exitConfig, "--var %q has no =: write --var name=value", v)
		}
		vars[name] = value
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	describe := func(p config.Plugin) (sdk.Program, error) {
		program, err := hub.Describe(ctx, p, hclog.NewNullLogger())
		if err == nil && described != nil {
			described(p, program)
		}
		return program, err
	}
	return config.Options{Paths: paths, Vars: vars, VarFiles: f.varFiles, Environ: os.LookupEnv, Programs: bundled(), Describe: describe}, nil
}

// load reads and checks the configuration; what is wrong has been shown when it returns an error.
func (f *configFlags) load(ctx context.Context, std *streams, paths []string) (*config.Plan, error) {
	o, err := f.options(ctx, paths, nil)
	if err != nil {
		return nil, err
	}
	starved := false
	describe := o.Describe
	o.Describe = func(p config.Plugin) (sdk.Program, error) {
		program, err := describe(p)
		starved = starved || lacking(err)
		return program, err
	}
	plan, d := config.Load(o)
	err = diagnosed(std, d)
	if err != nil && starved {
		return nil, exitSilently(exitEnvironment)
	}
	return plan, err
}

// lacking reports whether err says that the system gives us no more of something: then the configuration is not to blame.
func lacking(err error) bool {
	for _, what := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.ENOMEM} {
		if errors.Is(err, what) {
			return true
		}
	}
	return false
}

// diagnosed shows what is wrong with a configuration.
func diagnosed(std *streams, d config.Diagnostics) error {
	_ = d.WriteText(std.err, bool(std.ink(std.err)), textWidth(std.err))
	if errs, _ := d.Count(); errs > 0 {
		std.say("\n%s in the configuration.", counted(errs, "error"))
		return exitSilently(exitConfig)
	}
	return nil
}

// textWidth returns where to break lines of text.
func textWidth(stream any) int {
	if w := width(stream); w > 0 {
		return min(w, 100)
	}
	return 100
}

// hubFlags find the hub to talk to: by its data directory, or by the configuration that names it.
type hubFlags struct {
	config  configFlags
	dataDir string
}

func (f *hubFlags) register(cmd *cobra.Command) {
	f.config.register(cmd)
	cmd.Flags().StringVar(&f.dataDir, "data-dir", "", "the hub's data `folder`, instead of looking it up in the configuration")
	_ = cmd.MarkFlagDirname("data-dir")
}

// settings returns the hub's settings. With --data-dir only the folder is known.
func (f *hubFlags) settings(ctx context.Context, std *streams, paths []string) (config.Settings, error) {
	if f.dataDir != "" {
		return config.Settings{DataDir: f.dataDir}, nil
	}
	o, err := f.config.options(ctx, paths, nil)
	if err != nil {
		return config.Settings{}, err
	}
	s, d := config.LoadSettings(o)
	if err := diagnosed(std, d); err != nil {
		std.say("To look at a hub whose configuration cannot be read, name its data folder: --data-dir FOLDER.")
		return config.Settings{}, err
	}
	return s, nil
}

// client returns a client of the hub.
func (f *hubFlags) client(ctx context.Context, std *streams, paths []string) (*web.Client, config.Settings, error) {
	s, err := f.settings(ctx, std, paths)
	if err != nil {
		return nil, s, err
	}
	return web.NewClient(s.DataDir), s, nil
}

// words are what to write behind a command so that it finds the same hub.
func (f *hubFlags) words(paths []string) []string {
	if f.dataDir != "" {
		return []string{"--data-dir", f.dataDir}
	}
	return paths
}

// asked turns an error of the hub into one of the command line.
func (f *hubFlags) asked(err error, s config.Settings, paths []string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, web.ErrNotRunning):
		return failf(exitEnvironment, "no hub is running with the data folder %s\nStart one: %s", s.DataDir, commandLine("run", paths...))
	case sdk.CodeOf(err) == sdk.Invalid:
		return fail(exitConfig, err)
	case sdk.CodeOf(err) == sdk.Unavailable:
		return fail(exitEnvironment, err)
	}
	return fail(exitFailed, err)
}

// commandLine writes a command of pintle for a person to copy.
func commandLine(name string, args ...string) string {
	line := "pintle " + name
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n'\"$`\\*?[]{}()<>|&;#!") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		line += " " + a
	}
	return line
}
