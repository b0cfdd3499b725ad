package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

// fmtFlags are the flags of fmt.
type fmtFlags struct{ check, diff, recursive bool }

func newFmt(std *streams) *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Bring *.hcl files into the one style",
		Long: `Rewrites configuration files in the one style: indentation, alignment of =, blanks.
Meaning and comments stay. The names of the files that were changed are written to
stdout. "-" reads stdin and writes the result to stdout.

With --check nothing is written and the exit code is 1 when a file would change.
A file that cannot be parsed is left alone, and the exit code is 2.`,
		Example: `  pintle fmt
  pintle fmt --check --diff --recursive config/
  pintle fmt - < pintle.hcl`,
		ValidArgsFunction: completeConfig,
		RunE: func(_ *cobra.Command, args []string) error {
			return formatAll(std, f, args)
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; exit code 1 when a file would change")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "show what changes")
	cmd.Flags().BoolVar(&f.recursive, "recursive", false, "also the folders below")
	return cmd
}

func formatAll(std *streams, f fmtFlags, paths []string) error {
	if len(paths) == 1 && paths[0] == "-" {
		return formatStream(std, f)
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	var files []string
	for _, path := range paths {
		found, err := hclFiles(path, f.recursive)
		if err != nil {
			return fail(exitConfig, err)
		}
		files = append(files, found...)
	}
	var errs []error
	changed := false
	for _, name := range files {
		differs, err := formatFile(std, f, name)
		changed = changed || differs
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if changed && f.check {
		return exitSilently(exitFailed)
	}
	return nil
}

// hclFiles lists the *.hcl files that a path names. Folders whose names begin with a dot are left out.
func hclFiles(path string, recursive bool) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != path && (!recursive || strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(name, ".hcl"):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}

func formatStream(std *streams, f fmtFlags) error {
	src, err := io.ReadAll(std.in)
	if err != nil {
		return fail(exitFailed, err)
	}
	out, d := config.Format(src, "stdin")
	if err := diagnosed(std, d); err != nil {
		return err
	}
	switch {
	case f.diff:
		_, err = io.WriteString(std.out, difference("stdin", string(src), string(out)))
	case !f.check:
		_, err = std.out.Write(out)
	}
	if err == nil && f.check && string(out) != string(src) {
		return exitSilently(exitFailed)
	}
	return err
}

func formatFile(std *streams, f fmtFlags, name string) (differs bool, err error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return false, fail(exitEnvironment, err)
	}
	out, d := config.Format(src, name)
	if err := diagnosed(std, d); err != nil {
		return false, err
	}
	if string(out) == string(src) {
		return false, nil
	}
	fmt.Fprintln(std.out, name)
	if f.diff {
		fmt.Fprint(std.out, difference(name, string(src), string(out)))
	}
	if f.check {
		return true, nil
	}
	return true, replace(name, out)
}

// replace writes a file whole or not at all, with the rights it had.
func replace(name string, data []byte) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err != nil {
		return fail(exitEnvironment, err)
	}
	t, err := os.CreateTemp(filepath.Dir(name), ".pintle-fmt-*")
	if err != nil {
		return fail(exitEnvironment, err)
	}
	_, err = t.Write(data)
	err = errors.Join(err, t.Chmod(info.Mode().Perm()), t.Close())
	if err == nil {
		err = os.Rename(t.Name(), name)
	}
	if err != nil {
		return fail(exitEnvironment, errors.Join(err, os.Remove(t.Name())))
	}
	return nil
}
