// Package corpus reads the sentences, word pairs and single words that the language profiles are learned from and measured
// with. It holds the one rule of what is learned and what is kept for measuring, so that the two cannot mix.
package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Kinds are the three kinds of text, the names of their folders.
func Kinds() []string { return []string{"sentences", "word-pairs", "single-words"} }

// Part is a fifth of the lines of every file: line number modulo 5.
type Part int

// HeldOut is only for measuring, Tune is for choosing settings of the generator; the other three are learned from.
const (
	HeldOut Part = 4
	Tune    Part = 3
)

// files returns the files of a language: some codes stand for two that hardly differ in writing.
func files(lang string) []string {
	switch lang {
	case "no":
		return []string{"nb", "nn"}
	case "hr":
		return []string{"hr", "bs"}
	}
	return []string{lang}
}

// Read returns the lines of one kind in lang that lie in one of the given parts. dir is the folder that holds lingua-testdata.
// A language with two files gives every second line of each, so that all have about as much.
func Read(dir, kind, lang string, parts ...Part) ([]string, error) {
	var lines []string
	names := files(lang)
	for n, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, "lingua-testdata", kind, name+".txt"))
		if err != nil {
			return nil, fmt.Errorf("read language data: %w", err)
		}
		for i, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n") {
			if (i/5)%len(names) == n && in(Part(i%5), parts) {
				lines = append(lines, line)
			}
		}
	}
	return lines, nil
}

func in(p Part, parts []Part) bool {
	for _, q := range parts {
		if p == q {
			return true
		}
	}
	return false
}
