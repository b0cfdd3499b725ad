package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
)

// sample is what the starter configuration reads at first.
const sample = `{"time": "2026-05-04T08:12:00Z", "author": "ada", "text": "I was charged twice and nobody answers. This is terrible."}
{"time": "2026-05-04T09:40:00Z", "author": "bo", "text": "Lovely ride this morning, the new tyres are great!"}
{"time": "2026-05-05T17:03:00Z", "author": "cem", "text": "Still waiting for my refund. Very disappointing."}
{"time": "2026-05-06T11:30:00Z", "author": "dot", "text": "Does the rack fit the older frame?"}
`

func newInit(std *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a small configuration to begin with",
		Long: `Writes pintle.hcl, a commented configuration, and feedback.jsonl, a few lines for it
to read. Both work at once and need no server and no network. Nothing that is there
is overwritten.`,
		Example: `  pintle init demo
  pintle run --until-idle demo`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder := "."
			if len(args) == 1 {
				folder = args[0]
			}
			return initFolder(std, folder)
		},
	}
}

func initFolder(std *streams, folder string) error {
	there, err := filepath.Glob(filepath.Join(folder, "*.hcl"))
	if err == nil && len(there) > 0 {
		return failf(exitFailed, "%s holds a configuration already (%s); choose another folder: %s",
			folder, filepath.Base(there[0]), commandLine("init", "NEW-FOLDER"))
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fail(exitEnvironment, err)
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{"feedback.jsonl", []byte(sample)}, {"pintle.hcl", config.Starter()}} {
		path := filepath.Join(folder, f.name)
		if err := create(path, f.data); errors.Is(err, fs.ErrExist) {
			return failf(exitFailed, "%s exists and is not overwritten; choose another folder: %s", path, commandLine("init", "NEW-FOLDER"))
		} else if err != nil {
			return fail(exitEnvironment, err)
		}
		std.say("Wrote %s", path)
	}
	std.say("\nWhat to do next:")
	for _, line := range [][2]string{{"plan", "see what it means"}, {"run --until-idle", "let it work on what is there"},
		{"run", "let it wait for more lines"}} {
		var args []string
		if folder != "." {
			args = []string{folder}
		}
		t := commandLine(line[0], args...)
		std.say("  %-34s %s", t, line[1])
	}
	return nil
}

// create writes a file that is not there yet.
func create(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
