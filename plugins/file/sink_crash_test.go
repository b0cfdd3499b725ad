package file_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Environment variables that make TestSinkChild work: its path and format.
const (
	childPath   = "PINTLE_TEST_SINK_PATH"
	childFormat = "PINTLE_TEST_SINK_FORMAT"
)

// TestSinkChild is what TestSinkSurvivesKill kills. By itself it does nothing.
func TestSinkChild(t *testing.T) {
	path := os.Getenv(childPath)
	if path == "" {
		return
	}
	s := openSink(t, map[string]any{"path": path, "format": os.Getenv(childFormat), "rotate": "size", "max_size": 64 << 10})
	for i := 0; ; i += killBatch {
		if _, err := s.Write(context.Background(), plainBatch(t, posts(i, i+killBatch))); err != nil {
			t.Fatal(err)
		}
		fmt.Println("written", i)
	}
}

const killBatch = 50

// TestSinkSurvivesKill kills a sink while it writes, gives the same events to another, and counts the lines.
func TestSinkSurvivesKill(t *testing.T) {
	for _, format := range []string{"jsonl", "text"} {
		for batches := range 4 {
			t.Run(fmt.Sprintf("%s after %d", format, batches), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "events")
				total := (killAfter(t, path, format, batches) + 10) * killBatch
				s := openSink(t, map[string]any{"path": path, "format": format, "rotate": "size", "max_size": 64 << 10})
				for i := 0; i < total; i += killBatch {
					s.outcomes(t, plainBatch(t, posts(i, i+killBatch)))
				}
				checkLines(t, path, total)
			})
		}
	}
}

// killAfter runs TestSinkChild until it has written n batches, kills it in the middle of what follows, and returns how many
// batches it said were written.
func killAfter(t *testing.T, path, format string, n int) int {
	cmd := exec.Command(os.Args[0], "-test.run=^TestSinkChild$")
	cmd.Env = append(os.Environ(), childPath+"="+path, childFormat+"="+format)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	written := 0
	for lines.Scan() {
		if written++; written > n {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			break
		}
	}
	for lines.Scan() {
		written++
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return written
}

// checkLines checks that the file at path and those it was rotated to hold each of n events once, in order.
func checkLines(t *testing.T, path string, n int) {
	t.Helper()
	names, err := filepath.Glob(path + "-0*")
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for _, name := range append(names, path) {
		for line := range strings.Lines(readFile(t, name)) {
			if want := fmt.Sprintf("post number %d is late", next); !strings.Contains(line, want) || !strings.HasSuffix(line, "\n") {
				t.Fatalf("%s: line %q, want %q in it", filepath.Base(name), line, want)
			}
			next++
		}
	}
	if next != n {
		t.Errorf("%d lines, want %d", next, n)
	}
}
