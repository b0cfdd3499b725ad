package sqlsink

import (
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// String returns the table's name as it stands in a statement.
func (t table) String() string {
	if t.schema == "" {
		return quote(t.name)
	}
	return quote(t.schema) + "." + quote(t.name)
}

// quote returns an identifier for a statement, whatever is in it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoted returns the names of all columns, with a comma between them.
func (t table) quoted() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = quote(c)
	}
	return strings.Join(names, ", ")
}

// onConflict returns the part of an INSERT that writes over the row with the same key.
func (t table) onConflict() string {
	var set []string
	for i, c := range t.columns {
		if i != t.key {
			set = append(set, quote(c)+" = excluded."+quote(c))
		}
	}
	if len(set) == 0 {
		return " ON CONFLICT (" + quote(t.columns[t.key]) + ") DO NOTHING"
	}
	return " ON CONFLICT (" + quote(t.columns[t.key]) + ") DO UPDATE SET " + strings.Join(set, ", ")
}

// dialect is how a kind of database makes columns.
type dialect struct {
	typeOf func(sdk.Kind) string // type of a column whose first value is of this kind
	add    string                // how a column is added
}

// missing returns the statements that make what the table lacks, or the fault that it is not the sink's to make. has tells
// which columns there are, nil that there is no table.
func (t table) missing(has func(column string) bool, kinds []sdk.Kind, d dialect) ([]string, error) {
	var all, statements, lacks []string
	for i, name := range t.columns {
		definition := t.definition(i, kinds[i], d)
		all = append(all, definition)
		if has != nil && !has(name) {
			statements = append(statements, "ALTER TABLE "+t.String()+" "+d.add+" "+definition)
			lacks = append(lacks, quote(name))
		}
	}
	switch {
	case has == nil && t.create:
		return []string{"CREATE TABLE IF NOT EXISTS " + t.String() + " (" + strings.Join(all, ", ") + ")"}, nil
	case has == nil:
		return nil, &fault{outcome: sdk.Fatal, code: "no table", message: "there is no table " + t.String() + "; create it, or set create = true"}
	case !has(t.columns[t.key]):
		return nil, &fault{outcome: sdk.Fatal, code: "no key", message: "table " + t.String() + " has no column " + quote(t.columns[t.key]) + "; add it with a unique index, or change key"}
	case len(lacks) > 0 && !t.create:
		return nil, &fault{outcome: sdk.Fatal, code: "no column", message: "table " + t.String() + " lacks " + strings.Join(lacks, ", ") + "; add what is missing, or set create = true"}
	}
	return statements, nil
}

// definition returns name and type of a column that is to be made.
func (t table) definition(i int, kind sdk.Kind, d dialect) string {
	typ, ok := t.types[t.columns[i]]
	if !ok {
		typ = d.typeOf(kind)
	}
	definition := quote(t.columns[i]) + " " + typ
	if i == t.key {
		definition += " NOT NULL PRIMARY KEY"
	}
	return definition
}
