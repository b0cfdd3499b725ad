// Package mutant builds a hub with switches in it: places where it kills itself, and ways in which it breaks a promise on
// purpose. The switches are put in by go build -overlay, so the product's sources have no trace of them; without a word in its
// environment the hub so built does what the other does. Its one promise: an anchor that no longer fits its source fails the
// build and says which.
package mutant

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// edit puts With in the place of Anchor, a text that stands in File exactly once.
type edit struct {
	File, Anchor, With string
}

// hookPath is the package that the switches call. It exists in the overlay only.
const hookPath = "core/chaoshook"

// Build compiles the hub with all switches into dir and returns the program's path.
func Build(ctx context.Context, dir string) (string, error) {
	root, err := rig.Root(ctx)
	if err != nil {
		return "", err
	}
	work := filepath.Join(dir, "overlay")
	if err := os.MkdirAll(work, 0o700); err != nil {
		return "", err
	}
	overlay, err := write(root, work, edits())
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(dir, "switched"), 0o700); err != nil {
		return "", err
	}
	return rig.Build(ctx, filepath.Join(dir, "switched"), "cmd/pintle", "-overlay", overlay)
}

// write makes the edited files and the overlay that names them, and returns the overlay's path.
func write(root, work string, list []edit) (string, error) {
	texts := map[string]string{}
	for _, e := range list {
		if err := e.apply(root, texts); err != nil {
			return "", err
		}
	}
	replace := map[string]string{}
	texts[hookPath+"/hook.go"] = hook
	for file, text := range texts {
		path := filepath.Join(work, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, filepath.FromSlash(file))] = path
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(work, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

// apply edits the text of e.File in texts, where it is read from root first, with the import of the hook.
func (e edit) apply(root string, texts map[string]string) error {
	text, ok := texts[e.File]
	if !ok {
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File)))
		if err != nil {
			return err
		}
		text = string(b)
		const imports = "\nimport (\n"
		if n := strings.Count(text, imports); n != 1 {
			return fmt.Errorf("%s has %d import blocks, want one", e.File, n)
		}
		text = strings.Replace(text, imports, imports+"\t\"github.com/pintle-hub/pintle/"+hookPath+"\"\n", 1)
	}
	if n := strings.Count(text, e.Anchor); n != 1 {
		return fmt.Errorf("%s: the anchor stands there %d times, want once; the source has changed, so change the table in "+
			"cmd/pintlechaos/mutant/table.go: %q", e.File, n, e.Anchor)
	}
	texts[e.File] = strings.Replace(text, e.Anchor, e.With, 1)
	return nil
}
