package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/sdk"
)

// A block changes with the program that its plugin block names: with the file itself, and with how it is started. What an
// analyzer remembers stays its own over that.
func TestHashChangesWithTheProgramOfAPlugin(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	counter := sdk.Program{Name: "counter", Version: "1", Analyzers: []sdk.AnalyzerSpec{{Type: "count", Stateful: true}}}
	load := func(more string) *config.Block {
		t.Helper()
		write("a.hcl", "plugin \"own\" {\n path = \"./counter\"\n"+more+"\n}\nanalyzer \"count\" \"c\" {}\n")
		plan, diags := config.Load(config.Options{Paths: []string{dir}, Describe: func(p config.Plugin) (sdk.Program, error) {
			if p.Digest == "" {
				t.Error("the program is asked before it is known which one it is")
			}
			return counter, nil
		}})
		if diags.HasErrors() {
			t.Fatal(diags.Error())
		}
		return plan.Analyzers[0]
	}
	write("counter", "one")
	first := load("")
	if again := load(""); again.Hash != first.Hash {
		t.Error("the same program has different hashes")
	}
	for name, more := range map[string]string{"args": `args = ["x"]`, "env": `env = { A = "x" }`, "memory": `memory = "128MiB"`} {
		if other := load(more); other.Hash == first.Hash || other.StateHash != first.StateHash {
			t.Errorf("%s: hash %s, state %s, before %s, %s", name, other.Hash, other.StateHash, first.Hash, first.StateHash)
		}
	}
	write("counter", "two")
	if other := load(""); other.Hash == first.Hash || other.StateHash != first.StateHash {
		t.Errorf("another program: hash %s, state %s, before %s, %s", other.Hash, other.StateHash, first.Hash, first.StateHash)
	}
}
