package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
)

// TestSameTextsSameFile runs the generator twice over invented words for every language.
func TestSameTextsSameFile(t *testing.T) {
	data := t.TempDir()
	for _, p := range plans() {
		for _, code := range append(append([]string{"nb", "nn", "bs"}, p.langs...), p.others...) {
			writeTexts(t, data, code)
		}
	}
	var files [][]byte
	for _, name := range []string{"a", "b"} {
		out := filepath.Join(t.TempDir(), name)
		if err := run(data, out); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two runs over the same texts give different files")
	}
	families, err := langid.Decode(files[0])
	if err != nil || len(families) != len(plans()) || len(families[0].Grams) == 0 {
		t.Errorf("%d families, want %d with n-grams: %v", len(families), len(plans()), err)
	}
}

// writeTexts makes lines whose words name their language.
func writeTexts(t *testing.T, data, code string) {
	t.Helper()
	for _, kind := range []string{"sentences", "word-pairs", "single-words"} {
		dir := filepath.Join(data, "lingua-testdata", kind)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		for i := range 20 {
			fmt.Fprintf(&b, "%swort %c%s\n", code, 'a'+i, code)
		}
		if err := os.WriteFile(filepath.Join(dir, code+".txt"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoTextsNoChange(t *testing.T) {
	out := filepath.Join(t.TempDir(), "profiles.bin")
	if err := run(filepath.Join(t.TempDir(), "missing"), out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written although there are no texts")
	}
}
