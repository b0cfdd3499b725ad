package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/rogpeppe/go-internal/txtar"
)

// load loads one text.
func load(t testing.TB, src string) (*config.Plan, config.Diagnostics) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "main.hcl")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(config.Options{
		Paths: []string{path}, Programs: programs(), Describe: describe,
		Environ: func(name string) (string, bool) { return canary, !strings.HasPrefix(name, "PINTLE_VAR_") },
	})
}

// TestBounds: what would overflow a stack, fill the memory or never end is refused, and quickly.
func TestBounds(t *testing.T) {
	many := strings.Repeat
	for name, src := range map[string]string{
		"parentheses":       "locals {\n a = " + many("(", 5e4),
		"brackets":          "locals {\n a = " + many("[", 5e4),
		"braces":            many("a {", 5e4),
		"not":               "locals {\n a = " + many("!", 5e4) + "true\n}",
		"minus":             "locals {\n a = " + many("-", 5e4) + "1\n}",
		"sum":               "locals {\n a = 1" + many("+1", 5e4) + "\n}",
		"sum over lines":    "locals {\n a = (1" + many("+\n1", 5e4) + ")\n}",
		"sum in a for":      "locals {\n a = {for k, v in {} : k => 1" + many("+\n1", 5e4) + "}\n}",
		"conditions":        "locals {\n a = " + many("true ? 1 : ", 5e4) + "1\n}",
		"indexes":           "locals {\n a = [1]" + many("[0]", 5e4) + "\n}",
		"splats":            "locals {\n a = [1]" + many("[*]", 5e4) + "\n}",
		"calls":             "locals {\n a = " + many("abs(", 5e4),
		"templates":         "locals {\n a = " + many(`"${`, 5e4),
		"template controls": "locals {\n a = \"" + many("%{ if true }", 3e4) + "\"\n}",
		"heredocs":          "locals {\n a = " + many("<<A\n${", 3e4),
		"digits":            "locals {\n a = " + many("9", 1e6) + "\n}",
		"digits in a text":  "locals {\n a = \"" + many("9", 5e4) + "\" + 1\n}",
		"digits converted":  "locals {\n a = tonumber(\"" + many("9", 5e4) + "\")\n}",
		"large file":        "# " + many("x", 5<<20),
		"doubling":          "locals {\n a0 = \"" + many("x", 1000) + "\"\n" + doubling(60) + "}",
		"doubling lists":    "locals {\n a0 = []\n" + strings.ReplaceAll(doubling(60), `"`, "") + "}",
		"loops":             "locals {\n r = range(1000)\n a = [for a in local.r : [for b in local.r : [for c in local.r : [for d in local.r : a]]]]\n}",
		"loops in a loop":   "locals {\n r = range(1000)\n a = [for a in local.r : length([for b in local.r : length([for c in local.r : length(local.r)])])]\n}",
		"let by loops":      "locals {\n a = " + letByLoops(40) + "\n}",
		"joined":            "locals {\n s = \"" + many("x", 1<<17) + "\"\n a = join(local.s, range(100))\n}",
		"replaced":          "locals {\n s = \"" + many("x", 1<<17) + "\"\n a = replace(local.s, \"x\", local.s)\n}",
		"squared":           "locals {\n a0 = 10\n" + strings.NewReplacer("[", "", "]", "", ", ", "*", `"`, "").Replace(doubling(31)) + "}",
		"exponent":          "locals {\n a = \"x${1e99999999}\"\n}",
		"exponent setting":  "source \"rss\" \"a\" {\n limit = 1e99999999\n}",
		"large setting":     "analyzer \"trend\" \"a\" {\n group_by = []\n trend = 1e20\n}",
		"wide":              "locals {\n a = format(\"%1000000000d\", 1)\n}",
		"indented":          "locals {\n a = indent(1000000000, \"a\\nb\")\n}",
		"deep JSON":         "locals {\n a = jsondecode(\"" + many("[", 5e4) + "\")\n}",
		"long JSON number":  "locals {\n a = jsondecode(\"" + many("9", 5e4) + "\")\n}",
		"mixed list":        "locals {\n a = tolist([" + many("1,", 3e3) + " true])\n}",
		"blocks":            many("sink \"stdout\" \"a\" {}\n", 11e3),
		"locals in a row":   "locals {\n" + chain(2000) + "}",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			plan, diags := load(t, src)
			if plan != nil || !diags.HasErrors() {
				t.Error("it was taken")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func doubling(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.NewReplacer("N", itoa(i), "P", itoa(i-1)).Replace("aN = [\"${local.aP}\", \"${local.aP}\"]\n"))
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), `"${`, ``), `}"`, ``)
}

func letByLoops(n int) string {
	if n == 0 {
		return "[x == x]"
	}
	return "[for x in [[x, x]] : " + letByLoops(n-1) + "]"
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + itoa(i) + " = local.a" + itoa(i+1) + "\n")
	}
	b.WriteString("a" + itoa(n) + " = 1\n")
	return b.String()
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// FuzzLoad: whatever stands in a file, loading it ends, does not panic, and shows no environment.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/mistakes/*.txtar", "testdata/plans/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range archive.Files {
				if strings.HasSuffix(file.Name, ".hcl") {
					f.Add(file.Data)
				}
			}
		}
	}
	f.Add([]byte(secretive))
	f.Fuzz(func(t *testing.T, src []byte) {
		plan, diags := load(t, string(src))
		if (plan == nil) != diags.HasErrors() {
			t.Errorf("plan %v, errors %v", plan, diags.HasErrors())
		}
		text := diagnosticText(t, diags)
		if bytes.Contains(src, []byte(canary)) || bytes.Contains(src, []byte("nonsensitive")) {
			return
		}
		if strings.Contains(text, canary) {
			t.Errorf("the environment is shown:\n%s", text)
		}
		if data, err := json.Marshal(plan); err != nil || bytes.Contains(data, []byte(canary)) {
			t.Errorf("the environment is shown: %v\n%s", err, data)
		}
	})
}
