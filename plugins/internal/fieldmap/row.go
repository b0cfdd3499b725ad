package fieldmap

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/sdk"
)

// Columns makes events of the rows of one table. Make one with Map.Columns; one goroutine may use it.
type Columns struct {
	m      *Map
	fields [][]field // by column, what it fills
	names  []string  // by column, as a JSON string and a colon; "" where the column is mapped
	rest   []byte
}

// Columns binds the map to the table with the given header. A column without a name is called "column" and its number, a
// second one of the same name gets a number behind it. The error names the columns there are when a mapped one is missing.
func (m *Map) Columns(header []string) (*Columns, error) {
	c := &Columns{m: m}
	index := map[string]int{}
	for i, name := range header {
		name = uniqueName(index, name, i+1)
		index[name] = i
		c.fields = append(c.fields, nil)
		c.names = append(c.names, string(append(appendString(nil, name), ':')))
	}
	for f, path := range m.paths {
		if path == "" {
			continue
		}
		i, ok := index[path]
		if !ok {
			return nil, fmt.Errorf("fields: %s = %q names no column; there are %s",
				names()[f], path, strings.Join(header, ", "))
		}
		c.fields[i] = append(c.fields[i], field(f))
		c.names[i] = ""
	}
	return c, nil
}

func uniqueName(taken map[string]int, name string, number int) string {
	if name == "" {
		name = "column " + strconv.Itoa(number)
	}
	unique := name
	for n := 2; ; n++ {
		if _, ok := taken[unique]; !ok {
			return unique
		}
		unique = name + "_" + strconv.Itoa(n)
	}
}

// Row makes an event of one row. An empty cell leaves its field unset. The error, a reason for a rejection, quotes no cell.
func (c *Columns) Row(cells []string) (sdk.Event, error) {
	if len(cells) != len(c.fields) {
		return sdk.Event{}, fmt.Errorf("the row has %d cells, the table %d columns", len(cells), len(c.fields))
	}
	var v values
	c.rest = append(c.rest[:0], '{')
	for i, cell := range cells {
		if !utf8.ValidString(cell) {
			return sdk.Event{}, errors.New("it is not valid UTF-8")
		}
		for _, f := range c.fields[i] {
			v[f] = cell
		}
		if c.names[i] != "" {
			c.rest = appendString(append(c.rest, c.names[i]...), cell)
			c.rest = append(c.rest, ',')
		}
	}
	var data []byte
	if len(c.rest) > 1 {
		c.rest[len(c.rest)-1] = '}'
		data = append(data, c.rest...)
	}
	return c.m.event(&v, data)
}

// appendString appends s, valid UTF-8, as a JSON string. Unlike encoding/json it leaves <, > and & alone.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
