package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table is rows of cells, written in columns.
type table struct {
	head  []string
	right []bool // columns of numbers
	rows  [][]cell
}

// cell is one text and how it is coloured; nil means not at all.
type cell struct {
	text string
	tint func(string) string
}

// tinted is the text in its colour.
func (c cell) tinted() string {
	if c.tint == nil {
		return c.text
	}
	return c.tint(c.text)
}

// newTable makes a table; a column whose name ends in ">" is set to the right.
func newTable(head ...string) *table {
	t := &table{right: make([]bool, len(head))}
	for i, h := range head {
		name, right := strings.CutSuffix(h, ">")
		t.head, t.right[i] = append(t.head, name), right
	}
	return t
}

// add adds a row of cells; what is no cell is written as its text.
func (t *table) add(cells ...any) {
	row := make([]cell, len(cells))
	for i, c := range cells {
		if x, ok := c.(cell); ok {
			row[i] = cell{clean(x.text), x.tint}
			continue
		}
		row[i] = cell{text: clean(fmt.Sprint(c))}
	}
	t.rows = append(t.rows, row)
}

// write writes the table, each line behind indent. Lines end with their last text.
func (t *table) write(w io.Writer, i ink, indent string) {
	widths := make([]int, len(t.head))
	for n, h := range t.head {
		widths[n] = utf8.RuneCountInString(h)
	}
	for _, row := range t.rows {
		for n, c := range row {
			widths[n] = max(widths[n], utf8.RuneCountInString(c.text))
		}
	}
	if strings.Join(t.head, "") != "" {
		head := make([]cell, len(t.head))
		for n, h := range t.head {
			head[n] = cell{h, i.dim}
		}
		t.line(w, head, widths, indent)
	}
	for _, row := range t.rows {
		t.line(w, row, widths, indent)
	}
}

func (t *table) line(w io.Writer, row []cell, widths []int, indent string) {
	last := len(row) - 1
	for last > 0 && (row[last].text == "" || widths[last] == 0) {
		last--
	}
	var b strings.Builder
	b.WriteString(indent)
	for n, c := range row[:last+1] {
		if widths[n] == 0 && n > 0 {
			continue // nothing is in this column
		}
		pad := strings.Repeat(" ", widths[n]-utf8.RuneCountInString(c.text))
		text := c.tinted()
		switch {
		case t.right[n]:
			b.WriteString(pad + text)
		case n == last:
			b.WriteString(text)
		default:
			b.WriteString(text + pad)
		}
		if n < last {
			b.WriteString("  ")
		}
	}
	fmt.Fprintln(w, b.String())
}
