package mutant

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// Each switch still finds its place, or this says which does not.
func TestEveryAnchorFitsItsSource(t *testing.T) {
	root, err := rig.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write(root, t.TempDir(), edits()); err != nil {
		t.Error(err)
	}
}

func TestAnAnchorThatDoesNotFitIsAnError(t *testing.T) {
	root := t.TempDir()
	source := "package x\n\nimport (\n\t\"fmt\"\n)\n\nvar twice = fmt.Sprint() + fmt.Sprint()\n"
	if err := os.WriteFile(filepath.Join(root, "x.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	for anchor, want := range map[string]string{"fmt.Sprintf": "0 times", "fmt.Sprint()": "2 times"} {
		_, err := write(root, t.TempDir(), []edit{{"x.go", anchor, ""}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("anchor %q: %v, want %q", anchor, err, want)
		}
	}
}

// What a mutant says must be red, and a name is one of each.
func TestTheTableIsWhole(t *testing.T) {
	text := hook
	for _, e := range edits() {
		text += e.With
	}
	for _, m := range Mutants() {
		if !strings.Contains(text, `"`+m.Name+`"`) {
			t.Errorf("no switch knows mutant %s", m.Name)
		}
	}
	for _, p := range Points() {
		if name := strings.TrimRight(p.Name, "CDEIKLNQSV"); !strings.Contains(text, `"`+name+`"`) {
			t.Errorf("no switch knows point %s (%q)", p.Name, name)
		}
	}
}
