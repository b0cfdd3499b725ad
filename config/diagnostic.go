package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a diagnostic prevents a plan.
type Severity string

// Errors prevent a plan, warnings do not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Diagnostic is one thing that is wrong with a configuration: what, where, and the way out.
type Diagnostic struct {
	Severity Severity
	// Summary is a short phrase, Detail one or more sentences that end with the mend.
	Summary, Detail string
	// Address is the block it is about, "" when it is about none.
	Address string
	// File is the file as it was named to Load; Line and Column count from 1, and are 0 where there is no place.
	File         string
	Line, Column int
	// EndLine and EndColumn are where it ends; Byte and EndByte are the same two places as offsets into the file.
	EndLine, EndColumn int
	Byte, EndByte      int
	// Code is the line of the source, with secrets masked; Mark and EndMark delimit what is meant, in bytes of Code.
	Code          string
	Mark, EndMark int
}

// Diagnostics is everything that Load and Format have to say, in the order of the files.
type Diagnostics []Diagnostic

// HasErrors reports whether there is an error among them.
func (d Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(d, func(x Diagnostic) bool { return x.Severity == Error })
}

// Error returns all errors in one text, without source. WriteText is for people.
func (d Diagnostics) Error() string {
	var lines []string
	for _, x := range d {
		if x.Severity == Error {
			lines = append(lines, x.place()+x.Summary+": "+x.Detail)
		}
	}
	return strings.Join(lines, "\n")
}

// Count returns the number of errors and of warnings.
func (d Diagnostics) Count() (errors, warnings int) {
	for _, x := range d {
		if x.Severity == Error {
			errors++
		}
	}
	return errors, len(d) - errors
}

func (x Diagnostic) place() string {
	switch {
	case x.File == "":
		return ""
	case x.Line == 0:
		return x.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", x.File, x.Line, x.Column)
}

// sorted returns them by place, without repetitions.
func (d Diagnostics) sorted() Diagnostics {
	slices.SortStableFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Byte, b.Byte), cmp.Compare(a.Severity, b.Severity))
	})
	return slices.CompactFunc(d, func(a, b Diagnostic) bool {
		return a.File == b.File && a.Byte == b.Byte && a.Summary == b.Summary && a.Detail == b.Detail
	})
}
