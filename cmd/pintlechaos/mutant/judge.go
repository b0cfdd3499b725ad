package mutant

import (
	"fmt"
	"slices"
	"strings"
)

// Misjudged says what is wrong with the red checkers of a run with this mutant, or with none when it has no name: "" when
// exactly those are red that must be. err is why the run could not be done.
func (m Mutant) Misjudged(red []string, err error) string {
	if err != nil {
		return err.Error()
	}
	if m.Name != "" && !slices.Contains(red, m.Red) {
		return fmt.Sprintf("%s must be red", m.Red)
	}
	red = slices.DeleteFunc(slices.Clone(red), func(c string) bool { return m.Name != "" && c == m.Red || slices.Contains(m.May, c) })
	if len(red) > 0 {
		return strings.Join(red, ", ") + " must not be red"
	}
	return ""
}
