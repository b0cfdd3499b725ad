package expr

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// Nearest returns the candidate that a person most likely meant by word, "" when none is near.
func Nearest(word string, candidates []string) string {
	best, nearest := 1+len(word)/3, ""
	for _, c := range candidates {
		if d := levenshtein.Distance(word, c, nil); d < best || d == best && nearest == "" {
			best, nearest = d, c
		}
	}
	return nearest
}

// didYouMean returns a sentence with a blank before it, or "".
func didYouMean(prefix, word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return fmt.Sprintf(" Did you mean %s%s?", prefix, near)
	}
	return ""
}
