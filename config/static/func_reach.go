package static

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// maxFile is the largest file that a function reads.
const maxFile = 1 << 20

// reachFunctions are the functions that look outside the configuration.
func (e *Evaluator) reachFunctions() map[string]function.Function {
	return map[string]function.Function{
		"env": e.envFunc(), "file": e.fileFunc(), "fileexists": e.fileExistsFunc(), "templatefile": e.templateFileFunc(),
		"basename": oneText(filepath.Base), "dirname": oneText(filepath.Dir),
	}
}

// envFunc reads an environment variable. The value is sensitive, as most are; nonsensitive(env("X")) shows it.
func (e *Evaluator) envFunc() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{openText("name")},
		VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true, AllowMarked: true},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name, shown := plain(args[0])
			if v, ok := e.options.Environ(name); ok {
				return Sensitive(cty.StringVal(v)), nil
			}
			if len(args) > 1 {
				return args[1], nil
			}
			return cty.DynamicVal, safef("the environment variable %s is not set; set it, or give a default: env(%q, \"default\")", shown, shown)
		},
	})
}

func (e *Evaluator) fileFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{openText("path")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			b, err := e.read(args[0])
			if err != nil {
				return cty.DynamicVal, err
			}
			return cty.StringVal(string(b)).WithSameMarks(args[0]), nil
		},
	})
}

func (e *Evaluator) fileExistsFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{openText("path")},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name, _ := plain(args[0])
			info, err := os.Stat(e.path(name))
			return cty.BoolVal(err == nil && info.Mode().IsRegular()).WithSameMarks(args[0]), nil
		},
	})
}

func (e *Evaluator) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(e.options.Dir, name)
}

// openText is a text parameter whose function looks at marks itself, so that a secret path is not shown in an error.
func openText(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.String, AllowMarked: true}
}

// plain returns a text, and how it may be shown.
func plain(v cty.Value) (text, shown string) {
	u, _ := v.Unmark()
	text = u.AsString()
	if IsSensitive(v) {
		return text, "(sensitive)"
	}
	return text, text
}

// read returns a regular UTF-8 file of at most maxFile bytes.
func (e *Evaluator) read(value cty.Value) ([]byte, error) {
	name, shown := plain(value)
	path := e.path(name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, safef("there is no file %s; paths are relative to the folder of the configuration", shown)
	case err != nil:
		return nil, safef("cannot read %s", shown)
	case !info.Mode().IsRegular():
		return nil, safef("the file %s is not a regular one", shown)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, safef("cannot open %s; is it readable for this user?", shown)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, safef("cannot read %s", shown)
	case len(b) > maxFile:
		return nil, safef("the file %s is larger than 1 MiB", shown)
	case !utf8.Valid(b):
		return nil, safef("the file %s is not UTF-8 text", shown)
	}
	return b, nil
}

// templateFileFunc evaluates a file as a template over the given variables.
func (e *Evaluator) templateFileFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{openText("path"), {Name: "variables", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			src, err := e.read(args[0])
			if err != nil {
				return cty.DynamicVal, err
			}
			vars := args[1]
			if !vars.CanIterateElements() || !(vars.Type().IsObjectType() || vars.Type().IsMapType()) {
				return cty.DynamicVal, safef("the variables must be an object: templatefile(path, { name = value })")
			}
			_, shown := plain(args[0])
			v, err := e.render(shown, src, vars.AsValueMap())
			return v.WithSameMarks(args[0]), err
		},
	})
}

func (e *Evaluator) render(name string, src []byte, vars map[string]cty.Value) (cty.Value, error) {
	start := hcl.InitialPos
	if diags := GuardTemplate(src, name); diags.HasErrors() {
		return cty.DynamicVal, safef("%s", diags[0].Detail)
	}
	x, diags := hclsyntax.ParseTemplate(src, name, start)
	if diags.HasErrors() {
		return cty.DynamicVal, templateError(name, diags)
	}
	if vars == nil {
		vars = map[string]cty.Value{} // or hcl would say that variables are not allowed
	}
	ctx := &hcl.EvalContext{Variables: vars, Functions: e.innerFunctions()}
	secret := callsForSecrets(x)
	v, diags := e.value(meter(x, e.budget), ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, templateError(name, reword(diags, secret))
	}
	return convert.Convert(v, cty.String)
}

// innerFunctions are those of a template, which may not call templatefile again.
func (e *Evaluator) innerFunctions() map[string]function.Function {
	inner := map[string]function.Function{}
	for name, f := range e.ctx.Functions {
		if name != "templatefile" {
			inner[name] = f
		}
	}
	return inner
}

func templateError(name string, diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return fmt.Errorf("in %s:%d: %s: %s", name, d.Subject.Start.Line, d.Summary, d.Detail)
		}
	}
	return fmt.Errorf("the template %s is wrong", name)
}
