package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/static"
)

// Bounds of what is read.
const (
	maxFile  = 4 << 20
	maxFiles = 1000
	maxTotal = 32 << 20
	// maxBlocks is how many top-level blocks there may be in all files together.
	maxBlocks = 10_000
)

// root is all top-level blocks of all files, by what they are.
type root struct {
	settings, plugins, variables, locals, blocks, pipelines []*hclsyntax.Block
}

// readAll reads and parses. It reports false where going on would only bring errors that follow from the first.
func (l *loader) readAll() (root, bool) {
	names := l.fileNames()
	total := 0
	for _, name := range names {
		src, ok := l.readFile(name)
		if total += len(src); total > maxTotal {
			l.fail(hcl.Range{}, "Configuration is too large", "All files together may have %d MiB.", maxTotal>>20)
			return root{}, false
		}
		if ok {
			l.parse(name, src)
		}
	}
	if l.diags.HasErrors() {
		return root{}, false
	}
	var r root
	for _, name := range names {
		l.sortBlocks(l.files[name].body, &r)
	}
	return r, true
}

// fileNames lists the files, each once, and sets the folder of the configuration.
func (l *loader) fileNames() []string {
	if len(l.options.Paths) == 0 {
		l.fail(hcl.Range{}, "No configuration", "Name a file, or a folder that holds *.hcl files.")
	}
	var names []string
	seen := map[string]bool{}
	for _, path := range l.options.Paths {
		for _, name := range l.expand(path) {
			absolute, err := filepath.Abs(name)
			if err != nil || seen[absolute] {
				continue
			}
			seen[absolute] = true
			names = append(names, name)
			if l.dir == "" {
				l.dir = filepath.Dir(absolute)
			}
		}
	}
	if len(names) > maxFiles {
		l.fail(hcl.Range{}, "Configuration is too large", "There are %d files; at most %d are read.", len(names), maxFiles)
		return nil
	}
	return names
}

// expand returns the files that a path names.
func (l *loader) expand(path string) []string {
	info, err := os.Stat(path)
	if err != nil {
		l.unreadable(path, err)
		return nil
	}
	if !info.IsDir() {
		return []string{path}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		l.unreadable(path, err)
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".hcl") && !strings.HasPrefix(e.Name(), ".") && !strings.HasSuffix(e.Name(), ".lock.hcl") {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	if len(names) == 0 {
		l.fail(hcl.Range{}, "No configuration", "There is no *.hcl file in %s. \"pintle init\" writes one to begin with.", path)
	}
	return names
}

func (l *loader) unreadable(path string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.fail(hcl.Range{}, "File not found", "There is no file or folder %s.", path)
	case errors.Is(err, fs.ErrPermission):
		l.fail(hcl.Range{}, "File cannot be read", "Reading %s is not allowed for this user.", path)
	default:
		l.fail(hcl.Range{}, "File cannot be read", "%s cannot be read: %v.", path, err)
	}
}

func (l *loader) readFile(name string) ([]byte, bool) {
	info, err := os.Stat(name)
	if err != nil {
		l.unreadable(name, err)
		return nil, false
	}
	if !info.Mode().IsRegular() {
		l.fail(hcl.Range{}, "File cannot be read", "%s is not a regular file.", name)
		return nil, false
	}
	f, err := os.Open(name)
	if err != nil {
		l.unreadable(name, err)
		return nil, false
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		l.unreadable(name, err)
		return nil, false
	case len(src) > maxFile:
		l.fail(hcl.Range{}, "File is too large", "%s has more than %d MiB.", name, maxFile>>20)
		return nil, false
	case !utf8.Valid(src):
		l.fail(hcl.Range{}, "File is not text", "%s is not UTF-8. Save it as UTF-8.", name)
		return nil, false
	}
	return src, true
}

// parse keeps the file for snippets even when it is wrong.
func (l *loader) parse(name string, src []byte) {
	f := &file{src: src}
	l.files[name] = f
	if diags := static.Guard(src, name); diags.HasErrors() {
		f.broken = true
		l.add(diags)
		return
	}
	parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	f.broken = diags.HasErrors()
	l.add(syntaxErrors(diags))
	if body, ok := parsed.Body.(*hclsyntax.Body); ok && !f.broken {
		f.body = body
	}
}

// syntaxErrors drops what follows from an error before: a second one at the same place, and all that comes after a text that
// is not closed.
func syntaxErrors(diags hcl.Diagnostics) hcl.Diagnostics {
	var out hcl.Diagnostics
	seen := map[hcl.Pos]bool{}
	for _, d := range diags {
		if d.Subject == nil || seen[d.Subject.Start] {
			continue
		}
		seen[d.Subject.Start] = true
		out = append(out, d)
		if d.Summary == "Invalid multi-line string" {
			d.Summary, d.Detail = "Text is not closed", "A text ends on the line on which it begins. Is the closing quote missing? "+
				"A text of several lines stands between <<EOT and EOT."
			break
		}
	}
	return out
}
