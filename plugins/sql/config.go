package sqlsink

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// Config is the configuration of an sql sink.
type Config struct {
	Driver  string            `pintle:"driver,required" enum:"postgres,sqlite" doc:"Kind of database."`
	DSN     sdk.Secret        `pintle:"dsn,required" doc:"Where it is: postgres://user:password@host/database, or the path of an SQLite file."`
	Table   string            `pintle:"table,required" doc:"Name of the table; write schema.table for one that is not in the default schema."`
	Key     string            `pintle:"key" default:"id" doc:"Column that identifies a row. An event whose key is there already writes over that row."`
	Columns sdk.PerEventMap   `pintle:"columns,required" doc:"What to write: an expression for each column. The key column is the event's id if it is not among them."`
	Create  bool              `pintle:"create" default:"true" doc:"Make the table if it is missing, and add columns that it lacks."`
	Types   map[string]string `pintle:"types" doc:"Types of columns that the sink makes, such as { said_at = \"timestamptz\" }. Without it they follow from the first values."`
}

// maxName is the longest name that PostgreSQL keeps whole.
const maxName = 63

// table is where rows go and what is in them.
type table struct {
	schema, name string
	columns      []string
	key          int // place of the key column
	create       bool
	types        map[string]string
}

// table checks the names and types of the configuration.
func (c Config) table() (table, error) {
	t := table{columns: c.Columns.Keys(), create: c.Create, types: c.Types, name: c.Table}
	if schema, name, ok := strings.Cut(c.Table, "."); ok {
		t.schema, t.name = schema, name
		if err := checkName("table", schema); err != nil {
			return t, err
		}
	}
	if err := checkName("table", t.name); err != nil {
		return t, err
	}
	if len(t.columns) == 0 {
		return t, sdk.Errorf(sdk.Invalid, "columns is empty; name at least one column, as in columns = { text = event.text }")
	}
	t.key = slices.Index(t.columns, c.Key)
	if t.key < 0 {
		t.columns, t.key = append([]string{c.Key}, t.columns...), 0
	}
	for i, name := range t.columns {
		if err := checkName("columns", name); err != nil {
			return t, err
		}
		if c.Driver == "sqlite" && slices.ContainsFunc(t.columns[:i], func(n string) bool { return strings.EqualFold(n, name) }) {
			return t, sdk.Errorf(sdk.Invalid, "columns: %q stands there twice; SQLite does not tell upper from lower case", name)
		}
	}
	return t, t.checkTypes()
}

// checkName refuses what no database can have as a name.
func checkName(attribute, name string) error {
	switch {
	case name == "", strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return sdk.Errorf(sdk.Invalid, "%s: %q is not a name", attribute, name)
	case len(name) > maxName:
		return sdk.Errorf(sdk.Invalid, "%s: %q has %d bytes, at most %d are allowed", attribute, name, len(name), maxName)
	case attribute == "table" && strings.ContainsRune(name, '.'):
		return sdk.Errorf(sdk.Invalid, "table: %q has more than one dot; write table or schema.table", name)
	}
	return nil
}

// checkTypes lets only types into the statements that make columns.
func (t table) checkTypes() error {
	typ := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_. ]*(\( *\d+ *(, *\d+ *)?\))?[A-Za-z ]*(\[\])?$`)
	for column, text := range t.types {
		if !slices.Contains(t.columns, column) {
			return sdk.Errorf(sdk.Invalid, "types: there is no column %q; it must stand in columns too", column)
		}
		if !typ.MatchString(text) {
			return sdk.Errorf(sdk.Invalid, "types: %q of column %q is not a type; write it as in \"bigint\", \"numeric(10, 2)\" or \"timestamptz\"", text, column)
		}
	}
	return nil
}
