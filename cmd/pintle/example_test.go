package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestExamplePluginsAreUnderstood builds each program in examples/plugins and asks it, through a configuration, what it offers.
func TestExamplePluginsAreUnderstood(t *testing.T) {
	folders, err := filepath.Glob("../../examples/plugins/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, main := range folders {
		name := filepath.Base(filepath.Dir(main))
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, name), ".")
			build.Dir = filepath.Dir(main)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("go build: %v\n%s", err, out)
			}
			block := fmt.Sprintf("plugin %q {\n  path = %q\n}\n", name, "./"+name)
			if err := os.WriteFile(filepath.Join(dir, "pintle.hcl"), []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "pintle", "plugin", "list", "--json", dir).Output()
			var list []component
			if err == nil {
				err = json.Unmarshal(out, &list)
			}
			if err != nil {
				t.Fatal(err)
			}
			offers := 0
			for _, c := range list {
				if c.Plugin == name {
					offers++
				}
			}
			if offers == 0 {
				t.Errorf("plugin %s offers nothing: %s", name, out)
			}
		})
	}
}
