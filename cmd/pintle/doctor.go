package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/doctor"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
	"github.com/pintle-hub/pintle/sdk"
)

func newDoctor(std *streams) *cobra.Command {
	var f hubFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor [PATH...]",
		Short: "Look for what keeps a hub from running well",
		Long: `Looks at everything that a hub depends on, and at the hub itself if one runs: the
configuration and the environment variables it reads, the data folder (owner, mode,
room, file system), how fast the disk makes a write safe, the clock, each program
(does it start and answer?), an external log's servers, open files and memory, the
ports that sources listen on. Of each it says what was seen; where something is not
well also why it matters and what to do.

It changes nothing: it writes a small file next to the data and removes it. It works
while a hub runs and while none does.

The exit code is 0 when a hub can run (warnings allowed), 2 when the configuration is
wrong, 3 when something around it is.`,
		Example: `  pintle doctor
  pintle doctor /etc/pintle
  pintle doctor --json | jq '.checks[] | select(.level != "ok")'
  sudo -u pintle pintle doctor /etc/pintle   # as the user who runs the hub`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return examine(cmd.Context(), std, &f, asJSON, args)
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the findings as JSON")
	return cmd
}

// diagnosis is what doctor writes as JSON.
type diagnosis struct {
	Version  string           `json:"format_version"`
	Errors   int              `json:"error_count"`
	Warnings int              `json:"warning_count"`
	Checks   []doctor.Finding `json:"checks"`
}

func examine(ctx context.Context, std *streams, f *hubFlags, asJSON bool, paths []string) error {
	o, err := f.patient(ctx, paths)
	if err != nil {
		return err
	}
	list := doctor.Examine(ctx, o)
	d := diagnosis{Version: "1.0", Errors: doctor.Count(list, doctor.Error), Warnings: doctor.Count(list, doctor.Warning), Checks: list}
	if asJSON {
		err = std.json(d)
	} else {
		writeDiagnosis(std, d)
	}
	if err != nil {
		return fail(exitFailed, err)
	}
	switch {
	case o.Diagnostics.HasErrors():
		return exitSilently(exitConfig)
	case d.Errors > 0:
		return exitSilently(exitEnvironment)
	}
	return nil
}

// patient loads what is to be examined, noting what the configuration asked for on the way.
func (f *hubFlags) patient(ctx context.Context, paths []string) (doctor.Options, error) {
	load, err := f.config.options(ctx, paths, nil)
	if err != nil {
		return doctor.Options{}, err
	}
	o := doctor.Options{Command: func(name string, args ...string) string {
		return commandLine(name, append(args, f.behind(name, paths)...)...)
	}}
	var unset []string
	load.Environ = func(name string) (string, bool) {
		value, ok := os.LookupEnv(name)
		if !ok {
			unset = append(unset, name)
		}
		return value, ok
	}
	load.Describe = func(p config.Plugin) (sdk.Program, error) {
		x, err := hub.Examine(ctx, p, hclog.NewNullLogger())
		o.Programs = append(o.Programs, doctor.Program{Plugin: p, Examined: x, Err: err})
		return x.Offers, err
	}
	if o.Plan, o.Diagnostics = config.Load(load); o.Plan != nil {
		o.Settings = o.Plan.Settings
	} else {
		o.Settings, _ = config.LoadSettings(load) // what is wrong is among the diagnostics
	}
	if f.dataDir != "" {
		o.Settings = config.Settings{DataDir: f.dataDir, Limits: o.Settings.Limits}
	}
	for _, name := range unset {
		if asked := "environment variable " + name + " is not set"; strings.Contains(o.Diagnostics.Error(), asked) && !slices.Contains(o.Unset, name) {
			o.Unset = append(o.Unset, name)
		}
	}
	o.Start = func(ctx context.Context, name string) (hub.Examined, error) {
		path, args := bundledCommand(name)
		return hub.Examine(ctx, config.Plugin{Name: name, Path: path, Args: args}, hclog.NewNullLogger())
	}
	o.Socket = web.Socket(o.Settings.DataDir)
	o.Status = func(ctx context.Context) (*hub.Status, error) {
		s, err := web.NewClient(o.Settings.DataDir).Status(ctx)
		if errors.Is(err, web.ErrNotRunning) {
			return nil, nil
		}
		return &s, err
	}
	return o, nil
}

// behind is what to write behind a command so that it is about the same hub or configuration.
func (f *hubFlags) behind(command string, paths []string) []string {
	switch command {
	case "init":
		return nil
	case "validate":
		return paths
	}
	return f.words(paths)
}

// findings is the diagnosis as a person sees it: on a terminal in columns, elsewhere a line each, for grep.
type findings struct {
	ink
	columns int // 0: no end
	names   int // the longest name
}

func writeDiagnosis(std *streams, d diagnosis) {
	p := findings{ink: std.ink(std.out)}
	if isTerminal(std.out) {
		p.columns = min(max(width(std.out), 60), 120)
	}
	for _, c := range d.Checks {
		p.names = max(p.names, len(c.Check))
	}
	for _, c := range d.Checks {
		p.write(std.out, c)
	}
	std.say("")
	i := std.ink(std.err)
	switch {
	case d.Errors > 0:
		std.say("%s and %s.", i.red(counted(d.Errors, "error")), counted(d.Warnings, "warning"))
	case d.Warnings > 0:
		std.say("A hub can run here; %s.", i.yellow(counted(d.Warnings, "warning")))
	default:
		std.say("%s", i.green("All is well."))
	}
}

// The columns of a diagnosis.
const (
	levelColumn = 9 // "warning" and two blanks
	labelColumn = 6 // "mend: "
)

func (p findings) write(w io.Writer, c doctor.Finding) {
	tint := map[doctor.Level]func(string) string{doctor.OK: p.green, doctor.Warning: p.yellow, doctor.Error: p.red}[c.Level]
	head := tint(string(c.Level)) + strings.Repeat(" ", levelColumn-len(c.Level)) + fmt.Sprintf("%-*s  ", p.names, clean(c.Check))
	p.paragraph(w, head, levelColumn+p.names+2, c.Seen)
	blank := strings.Repeat(" ", levelColumn)
	if c.Why != "" {
		p.paragraph(w, blank+p.dim("why:")+"  ", levelColumn+labelColumn, c.Why)
	}
	if c.Mend != "" {
		p.paragraph(w, blank+p.dim("mend:")+" ", levelColumn+labelColumn, c.Mend)
	}
}

// paragraph writes a text behind its head, which takes so many columns.
func (p findings) paragraph(w io.Writer, head string, taken int, text string) {
	room := 0
	if p.columns > 0 {
		room = max(p.columns-taken, 30)
	}
	for n, line := range wrapped(clean(text), room) {
		if n > 0 {
			head = strings.Repeat(" ", taken)
		}
		fmt.Fprintln(w, head+line)
	}
}
