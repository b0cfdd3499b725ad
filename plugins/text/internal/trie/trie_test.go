package trie_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/plugins/text/internal/trie"
)

// TestFindsWhatAMapFinds compares with a map, over keys that share many beginnings.
func TestFindsWhatAMapFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringOfN(rapid.SampledFrom([]rune("abé\x00")), 1, 6, -1)
		want := rapid.MapOf(key, rapid.Int32Range(1, 1000)).Draw(t, "keys")
		var keys []trie.Key
		for _, k := range slices.Sorted(maps.Keys(want)) {
			keys = append(keys, trie.Key{Text: k, Value: want[k]})
		}
		tr := trie.New(keys)
		for _, k := range append(slices.Collect(maps.Keys(want)), rapid.SliceOf(key).Draw(t, "others")...) {
			if got := tr.Find(k); got != want[k] {
				t.Fatalf("%q: got %d, want %d", k, got, want[k])
			}
		}
	})
}

func TestLastValueCounts(t *testing.T) {
	tr := trie.New([]trie.Key{{Text: "a", Value: 1}, {Text: "a", Value: 2}, {Text: "ab", Value: 3}})
	if got := tr.Find("a"); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
	if tr.Find("") != 0 || tr.Find("abc") != 0 || tr.Len() != 3 {
		t.Errorf("found what is not there, or %d nodes instead of 3", tr.Len())
	}
}
