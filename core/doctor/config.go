package doctor

import (
	"fmt"
	"strings"

	"github.com/pintle-hub/pintle/config"
)

// configuration says whether a plan could be made.
func (x *examiner) configuration() {
	errs, warnings := x.Diagnostics.Count()
	switch {
	case errs > 0:
		x.fail(Finding{Check: "config", Seen: count(errs, "error") + ", the first: " + first(x.Diagnostics, config.Error),
			Why: "a configuration with errors is not run, and a reload of it is refused", Mend: x.Command("validate") + " shows all of them with their places"})
	case x.Plan != nil && len(x.Plan.Pipelines) == 0:
		x.fail(Finding{Check: "config", Seen: "it has no pipeline", Why: "nothing would run",
			Mend: `add a pipeline "name" { from = [...], route "all" { to = [...] } }; ` + x.Command("init", "demo") + " writes an example"})
	case warnings > 0:
		x.warn(Finding{Check: "config", Seen: count(warnings, "warning") + ", the first: " + first(x.Diagnostics, config.Warning),
			Why: "it runs, but perhaps not as it was meant", Mend: x.Command("validate") + " shows all of them with their places"})
	default:
		x.ok("config", count(len(x.blocks()), "block")+" in "+count(len(x.Plan.Pipelines), "pipeline"))
	}
}

func first(d config.Diagnostics, s config.Severity) string {
	for _, f := range d {
		if f.Severity != s {
			continue
		}
		if f.File == "" {
			return f.Summary
		}
		return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Summary)
	}
	return ""
}

// environment says which environment variables are asked for and not set.
func (x *examiner) environment() {
	if len(x.Unset) == 0 {
		x.ok("config.environment", "no variable that the configuration needs is missing")
		return
	}
	x.fail(Finding{Check: "config.environment", Seen: "not set: " + strings.Join(x.Unset, ", "),
		Why:  "the configuration reads them with env(), mostly for secrets",
		Mend: "export " + x.Unset[0] + "=... where the hub is started (systemd: EnvironmentFile=), or give a default: env(\"" + x.Unset[0] + "\", \"...\")"})
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
