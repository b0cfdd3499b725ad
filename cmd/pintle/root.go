package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1
	exitConfig      = 2
	exitEnvironment = 3
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError is an error with its exit code. Its text was shown already when said is set.
type exitError struct {
	code int
	err  error
	said bool
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, args []string, std streams) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{code: exitConfig, err: err} // cobra's own: the command line is wrong
	}
	if !e.said {
		fmt.Fprintln(std.err, "pintle:", e.err)
	}
	return e.code
}

func newRoot(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "pintle",
		Short:         "Bring what customers say to the systems that can act on it",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newRun(std))
	return root
}

// fail makes an error with an exit code.
func fail(code int, err error) error { return &exitError{code: code, err: err} }

// diagnosed shows what is wrong with a configuration.
func diagnosed(std streams, d config.Diagnostics) error {
	_ = d.WriteText(std.err, false, 100)
	if d.HasErrors() {
		return &exitError{code: exitConfig, err: errors.New("the configuration has errors"), said: true}
	}
	return nil
}
