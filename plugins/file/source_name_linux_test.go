package file_test

import (
	"path/filepath"
	"testing"
)

// On Linux a name is any bytes but a slash and zero.
func TestSourceReadsAFileWhoseNameIsNoText(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "\xff.log")
	put(t, path, "a\n")
	config := map[string]any{"path": filepath.Join(folder, "*.log")}
	var first, second recorder
	if err := run(t, config, nil, &first); err != nil || len(first.events) != 1 {
		t.Fatalf("Run: %v, %d events", err, len(first.events))
	}
	add(t, path, "b\n\xff\n")
	if err := run(t, config, first.at, &second); err != nil || len(second.events) != 2 {
		t.Errorf("second run: %v, events %q", err, texts(second.events))
	}
}
