package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pintle-hub/pintle"

// layers says which packages of this module a package may import. A package without a row fails the test: give it one, and
// keep the arrows pointing one way: cmd -> core/web -> core/hub -> config, core/{flow,broker,host} -> sdk; plugins -> sdk.
func layers() map[string][]string {
	plugin := []string{"sdk", "plugins/internal/*"}
	return map[string][]string{
		"sdk":                 {},
		"sdk/wire":            {"sdk", "sdk/wire/pintlev1"},
		"sdk/wire/pintlev1":   {},
		"sdk/sdktest":         {"sdk", "sdk/wire"},
		"config":              {"sdk", "config/*"},
		"config/expr":         {"sdk"},
		"config/static":       {"sdk"},
		"core/broker":         {},
		"core/host":           {"sdk", "sdk/wire"},
		"core/flow":           {"core/broker", "core/host", "sdk", "sdk/wire"},
		"core/hub":            {"config", "core/flow", "core/broker", "core/host", "sdk", "sdk/wire"},
		"core/web":            {"core/hub", "core/flow", "sdk"},
		"core/doctor":         {"core/hub", "core/flow", "core/broker", "config", "sdk", "sdk/wire"},
		"cmd/pintle":          {"core/web", "core/doctor", "core/hub", "core/flow", "core/broker", "config", "sdk", "sdk/wire", "plugins/*"},
		"plugins/internal":    {"sdk", "plugins/internal/*"},
		"plugins/file":        plugin,
		"plugins/rss":         plugin,
		"plugins/webhook":     plugin,
		"plugins/generate":    plugin,
		"plugins/http":        plugin,
		"plugins/sql":         plugin,
		"plugins/sql/pgtest":  {},
		"plugins/text":        {"sdk", "plugins/text/internal/*"},
		"plugins/text/eval":   {"sdk", "plugins/text", "plugins/text/*"},
		"plugins/text/models": {"plugins/text/internal/*"},
		"plugins/text/learn":  {"plugins/text/internal/*"},
		"cmd/pintlechaos":     {"core/*", "sdk", "sdk/wire", "cmd/pintlechaos/*", "plugins/*"},
		// The zoo speaks the protocol with its own hands, as a plugin in another language does, to be able to break it.
		"cmd/pintlechaos/zoo":      {"sdk", "sdk/wire/pintlev1"},
		"cmd/pintlechaos/zoo/keep": {"core/hub", "core/web", "core/flow", "cmd/pintlechaos/zoo"},
		"bench":                    {"*"},
		"examples":                 {"sdk", "sdk/wire", "sdk/sdktest"},
	}
}

// owners says which package alone imports a library. A prefix of the import path counts.
func owners() map[string][]string {
	return map[string][]string{
		"github.com/nats-io/":              {"core/broker"},
		"github.com/hashicorp/hcl":         {"config"},
		"github.com/zclconf/":              {"config"},
		"github.com/hashicorp/go-plugin":   {"core/host", "sdk/wire"},
		"google.golang.org/grpc":           {"core/host", "sdk/wire", "sdk/sdktest", "cmd/pintlechaos/zoo"},
		"github.com/spf13/":                {"cmd/pintle"},
		"github.com/prometheus/":           {"core/web"},
		"github.com/jackc/":                {"plugins/sql"},
		"modernc.org/":                     {"plugins/sql"},
		module + "/sdk/wire/pintlev1":      {"sdk/wire", "cmd/pintlechaos/zoo"},
		"github.com/mmcdole/gofeed":        {"plugins/rss"},
		"google.golang.org/protobuf/proto": {"sdk/wire", "core/host", "cmd/pintlechaos/zoo"},
	}
}

// starters may write go statements or start goroutines; everywhere else work is a blocking Run.
func starters() []string {
	return []string{"core/hub", "core/host", "sdk/wire", "sdk/sdktest", "cmd/pintle", "cmd/pintlechaos", "plugins", "bench"}
}

const (
	maxFileLines = 400
	maxFuncLines = 60
	maxParams    = 5
)

// sources yields every hand-written Go file below the repository's root that is not a test.
func sources(t *testing.T, yield func(pkg, path string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(rel, ".pb.go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		yield(filepath.ToSlash(filepath.Dir(rel)), rel, fset, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// row returns the layer row of a package: its own, or that of the nearest folder above.
func row(pkg string) ([]string, bool) {
	for p := pkg; p != "."; p = filepath.ToSlash(filepath.Dir(p)) {
		if allowed, ok := layers()[p]; ok {
			return allowed, true
		}
	}
	return nil, false
}

func within(pkg string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		prefix, wild := strings.CutSuffix(a, "*")
		return a == pkg || wild && strings.HasPrefix(pkg, prefix)
	})
}

func TestImportsPointOneWay(t *testing.T) {
	sources(t, func(pkg, path string, _ *token.FileSet, f *ast.File) {
		allowed, ok := row(pkg)
		if !ok {
			t.Errorf("%s: package %s has no row in the layer table", path, pkg)
			return
		}
		for _, spec := range f.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if own, ok := strings.CutPrefix(imported, module+"/"); ok && own != pkg && !strings.HasPrefix(own, pkg+"/internal") && !within(own, allowed) {
				t.Errorf("%s imports %s: the layer table does not allow it", path, own)
			}
			for library, by := range owners() {
				if strings.HasPrefix(imported, library) && !slices.ContainsFunc(by, func(o string) bool { return pkg == o || strings.HasPrefix(pkg, o+"/") }) && !strings.HasPrefix(pkg, "bench") {
					t.Errorf("%s imports %s, which belongs to %s", path, imported, strings.Join(by, ", "))
				}
			}
		}
	})
}

func TestSDKImportsTheStandardLibraryOnly(t *testing.T) {
	sources(t, func(pkg, path string, _ *token.FileSet, f *ast.File) {
		for _, spec := range f.Imports {
			if imported := strings.Trim(spec.Path.Value, `"`); pkg == "sdk" && strings.Contains(strings.Split(imported, "/")[0], ".") {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := make(map[string]bool)
	sources(t, func(pkg, _ string, _ *token.FileSet, f *ast.File) {
		documented[pkg] = documented[pkg] || f.Doc != nil
	})
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment", pkg)
		}
	}
}

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	sources(t, func(_, path string, fset *token.FileSet, f *ast.File) {
		if n := fset.Position(f.End()).Line; n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d are allowed: one file, one idea", path, n, maxFileLines)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > maxFuncLines {
				t.Errorf("%s: %s has %d lines, at most %d are allowed: a function is one step", path, fn.Name.Name, n, maxFuncLines)
			}
			if n := params(fn.Type.Params); n > maxParams {
				t.Errorf("%s: %s has %d parameters, at most %d are allowed", path, fn.Name.Name, n, maxParams)
			}
		}
	})
}

// params counts parameters; a variadic one is a list of options and does not count.
func params(list *ast.FieldList) int {
	n := list.NumFields()
	if n > 0 {
		if _, variadic := list.List[len(list.List)-1].Type.(*ast.Ellipsis); variadic {
			n--
		}
	}
	return n
}

func TestNoInit(t *testing.T) {
	sources(t, func(_, path string, _ *token.FileSet, f *ast.File) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function: wire by hand, from main", path)
			}
		}
	})
}

func TestGoStatementsOnlyWhereTheyAreOwned(t *testing.T) {
	sources(t, func(pkg, path string, fset *token.FileSet, f *ast.File) {
		if slices.ContainsFunc(starters(), func(s string) bool { return pkg == s || strings.HasPrefix(pkg, s+"/") }) {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s: a go statement: who stops it, who hears its error?", fset.Position(g.Pos()))
			}
			return true
		})
	})
}
