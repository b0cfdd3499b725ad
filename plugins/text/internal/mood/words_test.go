package mood

import (
	"strings"
	"testing"
)

// TestNoWordStandsTwice: an entry that is there twice hides which of its values counts.
func TestNoWordStandsTwice(t *testing.T) {
	for _, name := range append([]string{"emoji"}, "en", "de", "fr", "es") {
		b, err := words.ReadFile("words/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for line := range strings.Lines(string(b)) {
			head, list, ok := strings.Cut(line, ": ")
			if !ok || strings.HasPrefix(line, "# ") {
				continue
			}
			kind := "role "
			if strings.ContainsAny(head, "+-") {
				kind = "value "
			}
			for _, w := range strings.Fields(list) {
				if old, ok := seen[kind+w]; ok {
					t.Errorf("words/%s.txt: %q is in %q and in %q", name, w, old, head)
				}
				seen[kind+w] = head
			}
		}
	}
}
