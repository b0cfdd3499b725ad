package text_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// data is where the labelled data for measuring lie. They are not part of the project: without them the Eval tests say so and
// measure nothing.
var data = flag.String("data", "", "folder with labelled data; Eval tests measure only with it")

// dataDir returns the folder with labelled data: of the flag -data, else of PINTLE_DATA, else shared/data beside the repository.
// It returns "" where there is none.
func dataDir() string {
	dir := *data
	if dir == "" {
		dir = os.Getenv("PINTLE_DATA")
	}
	if dir == "" {
		dir = filepath.Join(root(), "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// root returns the folder that holds go.mod.
func root() string {
	dir, err := filepath.Abs(".")
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return "."
}

// complaint is one row of the airline tweets.
type complaint struct {
	ID, Author, Text, Sentiment, Reason string
	Time                                string
	at                                  time.Time
}

func complaints(t testing.TB, dir string) []complaint {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "airline-tweets", "feedback.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []complaint
	for s := bufio.NewScanner(f); s.Scan(); {
		var c complaint
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.at, err = time.Parse("2006-01-02 15:04:05 -0700", c.Time); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func readLines(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(b), "\n"), "\n")
}
