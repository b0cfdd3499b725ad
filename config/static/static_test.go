package static_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/zclconf/go-cty/cty"
)

func evaluator(t *testing.T) *static.Evaluator {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.txt": "text of a", "t.tmpl": "hello ${who}%{ for x in list } ${x}%{ endfor }", "bad.tmpl": "${nope}", "open.tmpl": "${",
		"inner.tmpl": `${templatefile("t.tmpl", {})}`, "latin.txt": "caf\xe9",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "large.txt"), make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	e := static.New(static.Options{Dir: dir, Environ: func(name string) (string, bool) { return "from outside", name == "SET" }})
	e.Set("var", cty.ObjectVal(map[string]cty.Value{"n": cty.NumberIntVal(2), "secret": static.Sensitive(cty.StringVal("canary"))}))
	return e
}

func value(t *testing.T, e *static.Evaluator, src string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	x, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e.Value(x)
}

// TestFunctions calls every function once.
func TestFunctions(t *testing.T) {
	e := evaluator(t)
	table := map[string]string{
		`chomp("a\n")`: `a`, `endswith("abc", "bc")`: `true`, `format("%s-%03d", "a", 7)`: `a-007`, `formatlist("%s!", ["a", "b"])`: `["a!","b!"]`,
		`indent(2, "a\nb")`: "a\n  b", `join("+", ["a", "b"], ["c"])`: `a+b+c`, `lower("AB")`: `ab`, `upper("ab")`: `AB`, `title("a b")`: `A B`,
		`regex("b+", "abbc")`: `bb`, `regexall("b", "abbc")`: `["b","b"]`, `regexmatch("^a", "abc")`: `true`, `replace("a1b2", "/[0-9]/", "#")`: `a#b#`,
		`sha256("")`: `e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`, `split(",", "a,b")`: `["a","b"]`, `startswith("abc", "b")`: `false`,
		`strcontains("abc", "b")`: `true`, `strrev("abc")`: `cba`, `substr("hello", -3, 2)`: `ll`, `substr("hello", -3, 0)`: ``, `trim("..a..", ".")`: `a`,
		`trimprefix("abc", "a")`: `bc`, `trimsuffix("abc", "c")`: `ab`, `trimspace(" a ")`: `a`, `urlencode("a b&")`: `a+b%26`,
		`abs(-2)`: `2`, `ceil(1.2)`: `2`, `floor(1.8)`: `1`, `round(1.5)`: `2`, `log(8, 2)`: `3`, `max(1, 3)`: `3`, `min(1, 3)`: `1`, `parseint("ff", 16)`: `255`,
		`pow(2, 10)`: `1024`, `signum(-5)`: `-1`, `sum([1, 2.5])`: `3.5`,
		`alltrue([true, false])`: `false`, `anytrue([true, false])`: `true`, `chunklist([1, 2, 3], 2)`: `[[1,2],[3]]`, `coalesce("", null, "a")`: `a`,
		`coalescelist([], ["a"])`: `["a"]`, `compact(["a", "", "b"])`: `["a","b"]`, `concat(["a"], ["b"])`: `["a","b"]`, `contains(["a"], "a")`: `true`,
		`distinct(["a", "b", "a"])`: `["a","b"]`, `element(["a", "b"], 3)`: `b`, `flatten([["a"], [["b"]]])`: `["a","b"]`, `keys({ b = 1, a = 2 })`: `["a","b"]`,
		`length("zoë")`: `3`, `length({ a = 1 })`: `1`, `lookup({ a = 1 }, "b", 2)`: `2`, `merge({ a = 1 }, { b = 2 })`: `{"a":1,"b":2}`, `one(["a"])`: `a`, `one([])`: ``,
		`range(3)`: `[0,1,2]`, `reverse([1, 2])`: `[2,1]`, `setintersection(["a", "b"], ["b"])`: `["b"]`, `setsubtract(["a", "b"], ["b"])`: `["a"]`,
		`setunion(["a"], ["b"])`: `["a","b"]`, `slice([1, 2, 3], 1, 2)`: `[2]`, `sort(["b", "a"])`: `["a","b"]`, `values({ b = 1, a = 2 })`: `[2,1]`,
		`zipmap(["a"], [1])`: `{"a":1}`, `base64encode("a")`: `YQ==`, `base64decode("YQ==")`: `a`, `can(var.nope)`: `false`, `try(var.nope, "b")`: `b`,
		`csvdecode("a,b\n1,2\n")`: `[{"a":"1","b":"2"}]`, `jsondecode("{\"a\":[1,\"[[[\"]}").a`: `[1,"[[["]`, `jsonencode({ a = [null] })`: `{"a":[null]}`,
		`tobool("true")`: `true`, `tolist(["a"])`: `["a"]`, `tomap({ a = "b" })`: `{"a":"b"}`, `tonumber("2.5")`: `2.5`, `toset(["a", "a"])`: `["a"]`, `tostring(5)`: `5`,
		`formatdate("DD MMM YYYY", "2026-05-01T00:00:00Z")`: `01 May 2026`, `timeadd("2026-05-01T00:00:00Z", "1h")`: `2026-05-01T01:00:00Z`,
		`timecmp("2026-05-01T00:00:00Z", "2026-05-01T02:00:00+02:00")`: `0`, `basename("a/b.txt")`: `b.txt`, `dirname("a/b.txt")`: `a`, `file("a.txt")`: `text of a`,
		`fileexists("a.txt") && !fileexists("b.txt")`: `true`, `templatefile("t.tmpl", { who = "you", list = [1, 2] })`: `hello you 1 2`,
		`env("SET")`: `from outside`, `env("UNSET", "default")`: `default`, `sensitive("a")`: `a`, `nonsensitive(env("SET"))`: `from outside`,
	}
	var all strings.Builder
	for src, want := range table {
		all.WriteString(src + "\n")
		v, diags := value(t, e, src)
		if diags.HasErrors() {
			t.Errorf("%s: %v", src, diags)
			continue
		}
		got, err := expr.FromCty(v)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if text := got.Text(); text != want {
			t.Errorf("%s\n got %s\nwant %s", src, text, want)
		}
	}
	for _, name := range e.Functions() {
		if !regexp.MustCompile(`\b` + name + `\(`).MatchString(all.String()) {
			t.Errorf("%s is not tested", name)
		}
	}
}

// TestFunctionErrors: what a function cannot do is said in a sentence, and not with the value of a secret.
func TestFunctionErrors(t *testing.T) {
	for src, want := range map[string]string{
		`env("UNSET")`:                                 `The environment variable UNSET is not set; set it, or give a default: env("UNSET", "default").`,
		`env(var.secret)`:                              `The environment variable (sensitive) is not set; set it, or give a default: env("(sensitive)", "default").`,
		`file("none.txt")`:                             `There is no file none.txt; paths are relative to the folder of the configuration.`,
		`file(var.secret)`:                             `There is no file (sensitive); paths are relative to the folder of the configuration.`,
		`file(".")`:                                    `The file . is not a regular one.`,
		`file("large.txt")`:                            `The file large.txt is larger than 1 MiB.`,
		`file("latin.txt")`:                            `The file latin.txt is not UTF-8 text.`,
		`templatefile("bad.tmpl", {})`:                 `In bad.tmpl:1: Unknown variable: There is no variable named "nope".`,
		`templatefile("open.tmpl", {})`:                `In open.tmpl:1: Missing expression: Expected the start of an expression, but found the end of the file.`,
		`templatefile("inner.tmpl", {})`:               `In inner.tmpl:1: Call to unknown function: There is no function named "templatefile".`,
		`templatefile("t.tmpl", "x")`:                  `The variables must be an object: templatefile(path, { name = value }).`,
		`templatefile("t.tmpl", { who = var.secret })`: `The details are withheld, because the expression handles a sensitive value.`,
		`format("%d", var.secret)`:                     `The details are withheld, because the expression handles a sensitive value.`,
		`parseint(file("a.txt"), 10)`:                  `The details are withheld, because the expression handles a sensitive value.`,
		`pow(10, 1000)`:                                `The result is not a finite number.`,
		`lower(null)`:                                  `Str must not be null.`,
		`timecmp("today", "2026-05-01T00:00:00Z")`:     `A time is written like 2026-05-01T12:00:00Z.`,
		`base64decode("%")`:                            `The argument must be base64 of a text.`,
		"jsondecode(\"" + strings.Repeat("[", 201) + strings.Repeat("]", 201) + "\")": `The JSON is nested deeper than 200 levels or holds a number of more than 1024 digits.`,
		`one(["a", "b"])`:     `The argument must be a list with no or one element.`,
		`format("%2000d", 1)`: `A field may be at most 999 characters wide.`,
		`indent(1000, "a")`:   `The number of spaces must lie between 0 and 100.`,
		`tonumber(join("", formatlist("%0900d", [1, 2, 3])))`: `The text is too long for a number.`,
	} {
		_, diags := value(t, evaluator(t), src)
		if !diags.HasErrors() {
			t.Errorf("%s is taken", src)
			continue
		}
		if got := diags[0].Detail; got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// TestSecretsSpread: what is computed from a secret is one.
func TestSecretsSpread(t *testing.T) {
	for src, want := range map[string]bool{
		`var.secret`: true, `"a ${var.secret}"`: true, `upper(var.secret)`: true, `[1, { a = var.secret }]`: true, `jsonencode([var.secret])`: true,
		`var.secret == "x"`: true, `var.n == 2 ? "a" : var.secret`: true, `[for c in split("", var.secret) : c]`: true, `env("SET")`: true,
		`env("UNSET", "a")`: false, `length(var.secret)`: true, `templatefile("t.tmpl", { who = var.secret, list = [] })`: true, `sensitive(1)`: true,
		`nonsensitive(var.secret)`: false, `var.n`: false, `file("a.txt")`: false, `{ a = var.secret, b = 1 }.b`: false, `sha256(var.secret)`: true,
	} {
		v, diags := value(t, evaluator(t), src)
		if diags.HasErrors() {
			t.Errorf("%s: %v", src, diags)
		}
		if got := static.IsSensitive(v); got != want {
			t.Errorf("%s: sensitive %t", src, got)
		}
	}
}

// TestEvaluatorDoesNotPanic: hcl does, on some of these.
func TestEvaluatorDoesNotPanic(t *testing.T) {
	for _, src := range []string{
		`null && true`, `null || null`, `!null`, `-null`, `null.x`, `null[0]`, `[for x in null : x]`, `"%{ for x in null }a%{ endfor }"`, `null ? 1 : 2`,
		`"%{ for x in {} }a%{ endfor }"`, `true ? null : null`, `[][0]`, `{}["a"]`, `null == null`, `max(null)`, `{ (null) = 1 }`, `{ for x in [null] : x => 1 }`,
		`"${null}"`, `[1, 2][null]`, `null[*].x`, `1 % 0`, `1 / 0`, `0 / 0`, `-1 % 0`, `try()`, `can(1 / 0)`, `coalesce()`, `merge(null, null)`, `format()`,
	} {
		value(t, evaluator(t), src)
	}
}
