package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/config"
)

const canary = "canary-4711"

// secretive brings the canary in on every way there is.
const secretive = `
pintle {
  broker { url = "nats://me:${var.given}@a:4222" }
}

variable "given" {
  sensitive = true
}

variable "written" {
  sensitive = true
  default   = "canary-4711"
}

variable "filed" {
  type      = object({ token = string })
  sensitive = true
}

variable "environ" {
  type      = list(string)
  sensitive = true
}

locals {
  mixed = { url = "https://me:${var.written}@crm.example", n = 1 }
}

plugin "acme" {
  path = "./acme"
  args = [env("TOKEN")]
  env  = { TOKEN = env("TOKEN"), LITERAL = "canary-4711" }
}

source "webhook" "in" {
  path   = "/in"
  secret = "canary-4711"
  tls {
    cert = upper(var.filed.token) == "" ? "x" : "cert.pem"
    key  = var.environ[0]
  }
}

analyzer "sentiment" "mood" {}

sink "crm" "cases" {
  url   = local.mixed.url
  token = var.given
  title = "${event.text} ${var.written}"
  hosts = [env("TOKEN"), "b"]
}

sink "acme" "out" {}

pipeline "main" {
  from    = [source.webhook.in]
  through = [analyzer.sentiment.mood]
  route "all" {
    when = event.text == var.given
    to   = [sink.crm.cases, sink.acme.out]
  }
}
`

func secretOptions(t testing.TB, src string) config.Options {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := dir + "/" + name
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("token.txt", canary)
	return config.Options{
		Paths: []string{write("main.hcl", src)}, VarFiles: []string{write("x.vars", "filed = { token = \"canary-4711\" }\n")},
		Vars: map[string]string{"given": canary}, Programs: programs(), Describe: describe,
		Environ: func(name string) (string, bool) {
			if name == "PINTLE_VAR_environ" {
				return `["canary-4711"]`, true
			}
			return canary, name == "TOKEN"
		},
	}
}

// TestPlanShowsNoSecret: the plugin gets the secret, and nothing that can be printed has it.
func TestPlanShowsNoSecret(t *testing.T) {
	plan, diags := config.Load(secretOptions(t, secretive))
	if plan == nil {
		t.Fatal(diagnosticText(t, diags))
	}
	if cases := plan.Sinks[0]; strings.Count(string(cases.Config), canary) != 3 {
		t.Errorf("the plugin does not get its secrets: %d", strings.Count(string(cases.Config), canary))
	}
	data, err := json.MarshalIndent(plan, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := json.Marshal(plan.Graph())
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"JSON": string(data), "graph": string(graph), "%v": fmt.Sprintf("%v", plan), "%+v": fmt.Sprintf("%+v", plan), "%#v": fmt.Sprintf("%#v", plan),
		"block": fmt.Sprintf("%v %+v %#v", plan.Sinks[0], plan.Sinks[0], plan.Sinks[0]), "plugin": fmt.Sprintf("%v %+v %#v", plan.Plugins[0], plan.Plugins[0], plan.Plugins[0]),
		"expression": plan.Sinks[0].PerEvent[0].Expr.String(), "settings": fmt.Sprintf("%v %+v %#v", plan.Settings, plan.Settings, plan.Settings),
		"hashes": plan.Sinks[0].Hash + plan.Pipelines[0].Hash,
	} {
		if strings.Contains(strings.ToLower(text), canary) {
			t.Errorf("%s shows the secret:\n%s", what, text)
		}
	}
}

// TestHashChangesWithSecret: a rotated secret is a change, though nothing shows it.
func TestHashChangesWithSecret(t *testing.T) {
	load := func(given string) *config.Plan {
		o := secretOptions(t, secretive)
		o.Vars["given"] = given
		plan, diags := config.Load(o)
		if plan == nil {
			t.Fatal(diagnosticText(t, diags))
		}
		return plan
	}
	one, same, other := load("a"), load("a"), load("b")
	if one.Sinks[0].Hash != same.Sinks[0].Hash || one.Pipelines[0].Hash != same.Pipelines[0].Hash {
		t.Error("the same configuration has different hashes")
	}
	if one.Sinks[0].Hash == other.Sinks[0].Hash {
		t.Error("a rotated token does not change the sink's hash")
	}
	if one.Pipelines[0].Hash == other.Pipelines[0].Hash {
		t.Error("a changed constant in a condition does not change the pipeline's hash")
	}
	if one.Sources[0].Hash != other.Sources[0].Hash {
		t.Error("the hash of a block that did not change did")
	}
}

// TestMistakeShowsNoSecret breaks the configuration in many ways, each near a secret.
func TestMistakeShowsNoSecret(t *testing.T) {
	for _, change := range [][2]string{
		{`secret = "canary-4711"`, `secret = ["canary-4711"]`},
		{`secret = "canary-4711"`, `secrt = "canary-4711"`},
		{`secret = "canary-4711"`, `secret = "canary-4711" + 1`},
		{`secret = "canary-4711"`, `secret = "canary-4711`},
		{`secret = "canary-4711"`, "secret = \"canary-4711\" \n x x"},
		{`secret = "canary-4711"`, `secret = <<X` + "\n canary-4711\nX\n nope = 1"},
		{`source "webhook" "in" {`, `source "webhok" "in" {`},
		{`source "webhook" "in" {`, `sorce "webhook" "in" {`},
		{`source "webhook" "in" {`, `source "in" {`},
		{`token = var.given`, `token = parseint(var.given, 10)`},
		{`token = var.given`, `token = jsondecode(var.given)`},
		{`token = var.given`, `token = regex("[", var.given)`},
		{`token = var.given`, `token = var.given.nope`},
		{`token = var.given`, `token = { "canary-4711" = 1 }[var.given].x`},
		{`token = var.given`, `token = [for x in var.given : x]`},
		{`token = var.given`, `token = file(var.given)`},
		{`token = var.given`, `token = file("token.txt") + 1`},
		{`token = var.given`, `token = parseint(file("token.txt"), 10)`},
		{`token = var.given`, `token = env(var.given)`},
		{`token = var.given`, `token = env("TOKEN") * 2`},
		{`token = var.given`, `token = formatdate(env("TOKEN"), "2026-01-01T00:00:00Z")`},
		{`token = var.given`, `token = templatefile(var.given, {})`},
		{`title = "${event.text} ${var.written}"`, `title = event.text + var.written`},
		{`title = "${event.text} ${var.written}"`, `title = event.text < var.written`},
		{`title = "${event.text} ${var.written}"`, `title = event.mood.label == var.written`},
		{`title = "${event.text} ${var.written}"`, `title = contains([var.written], event.mood.label)`},
		{`title = "${event.text} ${var.written}"`, `title = regexmatch("(${var.written}", event.text)`},
		{`title = "${event.text} ${var.written}"`, `title = event.text[parseint(var.written, 10)]`},
		{`hosts = [env("TOKEN"), "b"]`, `hosts = env("TOKEN")`},
		{`hosts = [env("TOKEN"), "b"]`, `hosts = { (env("TOKEN")) = 1 }`},
		{`url   = local.mixed.url`, `url = local.mixed`},
		{`path   = "/in"`, `path = local.mixed.nope`},
		{`sensitive = true`, `sensitive = "true"`},
		{`default   = "canary-4711"`, "type = number\n default = \"canary-4711\""},
		{`default   = "canary-4711"`, "defalt = \"canary-4711\""},
		{`object({ token = string })`, `number`},
		{`object({ token = string })`, `object({ other = string })`},
		{`list(string)`, `map(number)`},
		{`LITERAL = "canary-4711"`, `LITERAL = ["canary-4711"]`},
		{`args = [env("TOKEN")]`, `args = env("TOKEN")`},
		{`broker { url =`, `broker { urls =`},
		{`variable "filed" {`, `variable "field" {`},
		{`from    = [source.webhook.in]`, `from = [var.given]`},
		{`on   = insight`, `on = var.given`},
		{`when = event.text == var.given`, `when = "${event.text}${var.given}"`},
	} {
		src := strings.Replace(secretive, change[0], change[1], 1)
		_, diags := config.Load(secretOptions(t, src))
		data, err := json.Marshal(diags)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{diagnosticText(t, diags), string(data), diags.Error(), fmt.Sprintf("%+v", diags)} {
			if strings.Contains(strings.ToLower(text), canary) {
				t.Errorf("%s\nshows the secret:\n%s", change[1], text)
				break
			}
		}
	}
}
