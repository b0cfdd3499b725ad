package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

// configFlags say which configuration, with which variables.
type configFlags struct {
	vars     []string
	varFiles []string
}

func (f *configFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.vars, "var", nil, "set a variable: name=value")
	cmd.Flags().StringArrayVar(&f.varFiles, "var-file", nil, "read variables from a file of name = value")
}

// load reads and checks the configuration; what is wrong has been shown when it returns an error.
func (f *configFlags) load(std streams, paths []string) (*config.Plan, error) {
	vars := make(map[string]string)
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, fail(exitConfig, fmt.Errorf("--var %q: write name=value", v))
		}
		vars[name] = value
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	plan, d := config.Load(config.Options{Paths: paths, Vars: vars, VarFiles: f.varFiles, Environ: os.LookupEnv, Programs: bundled()})
	return plan, diagnosed(std, d)
}
