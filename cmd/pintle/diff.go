package main

import (
	"fmt"
	"strings"
)

// around is how many unchanged lines are shown around a change.
const around = 2

// edit is one line of a difference: kept (' '), taken out ('-') or put in ('+').
type edit struct {
	op   byte
	text string
}

// difference shows what changes from a to b, in the unified format.
func difference(name, a, b string) string {
	edits := compareLines(lines(a), lines(b))
	shown := make([]bool, len(edits))
	for i, e := range edits {
		if e.op != ' ' {
			for k := max(0, i-around); k <= min(len(edits)-1, i+around); k++ {
				shown[k] = true
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
	oldLine, newLine := 1, 1
	for i, e := range edits {
		if shown[i] && (i == 0 || !shown[i-1]) {
			oldCount, newCount := hunk(edits[i:], shown[i:])
			fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", oldLine, oldCount, newLine, newCount)
		}
		if shown[i] {
			fmt.Fprintf(&out, "%c%s\n", e.op, e.text)
		}
		if e.op != '+' {
			oldLine++
		}
		if e.op != '-' {
			newLine++
		}
	}
	return out.String()
}

// hunk counts the lines of the hunk that edits begin with.
func hunk(edits []edit, shown []bool) (before, after int) {
	for i := 0; i < len(edits) && shown[i]; i++ {
		if edits[i].op != '+' {
			before++
		}
		if edits[i].op != '-' {
			after++
		}
	}
	return before, after
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// compareLines walks both texts; what differs in between is found by the longest common subsequence, which is quick for
// what formatting changes: few lines, each at its place.
func compareLines(a, b []string) []edit {
	var edits []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		edits = append(edits, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	var tail []edit
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append([]edit{{' ', a[len(a)-1]}}, tail...)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				longest[i][k] = longest[i+1][k+1] + 1
			} else {
				longest[i][k] = max(longest[i+1][k], longest[i][k+1])
			}
		}
	}
	i, k := 0, 0
	for i < len(a) || k < len(b) {
		switch {
		case i < len(a) && k < len(b) && a[i] == b[k]:
			edits = append(edits, edit{' ', a[i]})
			i, k = i+1, k+1
		case k == len(b) || i < len(a) && longest[i+1][k] >= longest[i][k+1]:
			edits = append(edits, edit{'-', a[i]})
			i++
		default:
			edits = append(edits, edit{'+', b[k]})
			k++
		}
	}
	return append(edits, tail...)
}
