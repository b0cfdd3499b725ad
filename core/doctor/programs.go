package doctor

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// slowStart is how long a program may take to answer before that is worth a word.
const slowStart = 3 * time.Second

// programs says how the programs of the configuration's blocks start and answer.
func (x *examiner) programs(ctx context.Context) {
	for _, p := range x.Programs {
		x.program(p)
	}
	for _, name := range x.bundled() {
		answer, err := x.Start(ctx, name)
		if err != nil {
			x.fail(Finding{Check: "plugin." + name, Seen: "the program that comes with pintle does not start: " + err.Error(),
				Why:  "every source, analyzer and sink is a process of its own, with a socket in $XDG_RUNTIME_DIR or the temporary folder",
				Mend: "let this user make and execute files and sockets there (no noexec for the folder of pintle), or set TMPDIR to a short path"})
			continue
		}
		x.answered("plugin."+name, answer)
	}
}

// bundled names the programs that come with pintle and that the plan uses; one at least, to see that processes can start.
func (x *examiner) bundled() []string {
	var names []string
	for _, b := range x.blocks() {
		if b.Plugin == "" && !slices.Contains(names, b.Program) {
			names = append(names, b.Program)
		}
	}
	if len(names) == 0 {
		names = []string{"file"}
	}
	slices.Sort(names)
	return names
}

func (x *examiner) program(p Program) {
	check := "plugin." + p.Plugin.Name
	if p.Err != nil {
		x.fail(Finding{Check: check, Seen: p.Err.Error(), Why: "its blocks cannot run, and a configuration whose program does not answer is refused",
			Mend: "run it by hand and see what it says: " + quote(p.Plugin.Path)})
		return
	}
	if info, err := os.Stat(p.Plugin.Path); err == nil && info.Mode().Perm()&0o022 != 0 && os.PathSeparator == '/' {
		x.warn(Finding{Check: check + ".mode", Seen: fmt.Sprintf("%s has mode %04o: others may replace it", p.Plugin.Path, info.Mode().Perm()),
			Why: "what is in it runs with the rights of the hub", Mend: "chmod go-w " + quote(p.Plugin.Path)})
	}
	x.answered(check, p.Examined)
}

func (x *examiner) answered(check string, e hub.Examined) {
	o := e.Offers
	seen := fmt.Sprintf("%s %s answers after %s, protocol %d", o.Name, cmpOr(o.Version, "without a version"), short(e.Took), wire.ProtocolVersion)
	if e.Memory > 0 {
		seen += ", holds " + bytes(e.Memory)
	}
	if e.Took > slowStart {
		x.warn(Finding{Check: check, Seen: seen, Why: "a reload, and each start after a crash, takes as long; after 15 s it is given up",
			Mend: "let it answer first and load what is large when a block is opened"})
		return
	}
	x.ok(check, seen)
}

// processes is how many plugin processes the plan needs.
func (x *examiner) processes() int {
	if x.Plan == nil {
		return 1
	}
	n := len(x.Plan.Sources)
	for _, p := range x.Plan.Pipelines {
		n += len(hub.Hops(p))
		seen := make(map[*config.Block]bool)
		for _, r := range p.Routes {
			for _, b := range r.To {
				seen[b] = true
			}
		}
		n += len(seen)
	}
	return n
}
