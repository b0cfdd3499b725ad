package file_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSourceReadsTables(t *testing.T) {
	for _, c := range []struct {
		name, in string
		more     map[string]any
		want     []string
	}{
		{"plain", "text,b\nx,1\ny,2\n", nil, []string{"x", "y"}},
		{"quotes", "b,text\n1,\"a \"\"b\"\", c\"\n", nil, []string{`a "b", c`}},
		{"line ends in quotes", "b,text\n1,\"a\nb\r\nc\"\n2,d\n", nil, []string{"a\nb\nc", "d"}},
		{"windows", "text,b\r\nx,1\r\n\"y\",2\r\n", nil, []string{"x", "y"}},
		{"quoted header behind a byte order mark", "\xef\xbb\xbf\"text\",b\nx,1\n", nil, []string{"x"}},
		{"blank lines", "\n\ntext,b\n\nx,1\n\n", nil, []string{"x"}},
		{"no last line end", "text,b\nx,1\n\"y\",\"2\"", nil, []string{"x", "y"}},
		{"only a header", "text,b\n", nil, nil},
		{"empty", "", nil, nil},
		{"ragged", "text,b\nx\ny,1\nz,1,2\n", nil,
			[]string{"in.jsonl:2: the row has 1 cells, the table 2 columns", "y", "in.jsonl:4: the row has 3 cells, the table 2 columns"}},
		{"bare quote", "text,b\nx \"y\",1\nz,1\n", nil, []string{`in.jsonl:2: its row is not CSV: bare " in non-quoted-field`, "z"}},
		{"quote inside", "text,b\n\"x\"y,1\nz,1\n", nil,
			[]string{"in.jsonl:2: a quote stands inside a quoted cell; it must be written twice", "z"}},
		{"a quote that swallows a line", "text,b\n\"x,1\ny,\"2\"\nz,1\n", nil,
			[]string{"in.jsonl:2: a quote stands inside a quoted cell; it must be written twice", "y", "z"}},
		{"a quote never closed", "text,b\n\"x,1\ny,2\nz,3", nil, []string{"in.jsonl:2: a quote is not closed", "y", "z"}},
		{"a quote not closed for long", "text,b\n\"x,1\n" + strings.Repeat("y,2\n", 40_000), nil,
			append([]string{"in.jsonl:2: its row has no end within 64 bytes (max_line); is a quote not closed?"}, repeat("y", 40_000)...)},
		{"a line after a line end in quotes", "text,b\n\"x\ny\",1\nz\n", nil,
			[]string{"x\ny", "in.jsonl:4: the row has 1 cells, the table 2 columns"}},
		{"semicolons", "text;b\n\"x;\";1\n", map[string]any{"delimiter": ";"}, []string{"x;"}},
		{"tabs", "b\ttext\n1\tx\n", map[string]any{"delimiter": "\t"}, []string{"x"}},
		{"no header", "x,1\ny,2\n", map[string]any{"header": false, "fields": map[string]string{"text": "1"}}, []string{"x", "y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := map[string]any{"format": "csv", "max_line": 64, "fields": map[string]string{"text": "text"}}
			for name, value := range c.more {
				config[name] = value
			}
			if diff := cmp.Diff(c.want, texts(readAll(t, c.in, config))); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}
