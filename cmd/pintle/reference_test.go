package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const referenceDir = "../../docs/plugins/reference"

var update = flag.Bool("update", false, "write the reference pages anew")

// TestReferenceIsWritten holds the committed pages to the schemas: go test ./cmd/pintle -run Reference -update.
func TestReferenceIsWritten(t *testing.T) {
	pages := referencePages(bundledComponents())
	known := make(map[string]bool)
	for _, p := range pages {
		path := filepath.Join(referenceDir, p.name)
		known[p.name] = true
		if *update {
			if err := os.WriteFile(path, []byte(p.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: write it with -update", err)
			continue
		}
		if d := cmp.Diff(string(got), p.text); d != "" {
			t.Errorf("%s is out of date, write it with -update (-committed +schema):\n%s", p.name, d)
		}
	}
	files, err := os.ReadDir(referenceDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("%s belongs to no component: remove it", f.Name())
		}
	}
}

func TestReferenceIsTheSameEachTime(t *testing.T) {
	first, second := referencePages(bundledComponents()), referencePages(bundledComponents())
	if d := cmp.Diff(first, second, cmp.AllowUnexported(page{})); d != "" {
		t.Error(d)
	}
}
