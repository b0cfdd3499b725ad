package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

// table is the format csv, bound to the header of one file. encoding/csv reads the rows; the table finds where they end, so
// that one broken row costs one row, and no row more memory than max_line.
type table struct {
	delimiter byte
	columns   *fieldmap.Columns
	row       []byte // the row that is read
	in        bytes.Reader
	rows      *csv.Reader
}

// errNoHeader means that a file has no whole header yet.
var errNoHeader = errors.New("no header yet")

// newTable reads the header of src. It returns how many bytes and lines of the file are not rows, or errNoHeader.
func newTable(s *source, src io.ReaderAt, final bool) (t *table, size, lines int64, err error) {
	t = &table{delimiter: s.config.Delimiter[0]}
	head, lines, err := t.first(src, int(s.config.MaxLine), final)
	if err != nil {
		return nil, 0, 0, err
	}
	names, err := t.cells(head.raw)
	if err != nil {
		return nil, 0, 0, sdk.Errorf(sdk.Invalid, "the header cannot be read: %w", err)
	}
	size = head.end
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		if !s.config.Header {
			names[i] = strconv.Itoa(i + 1)
		}
	}
	if !s.config.Header {
		size, lines = 0, 0
	}
	if t.columns, err = s.fields.Columns(names); err != nil {
		return nil, 0, 0, sdk.Errorf(sdk.Invalid, "%w", err)
	}
	return t, size, lines, nil
}

// first returns the first row of the file and the number of the line it ends in.
func (t *table) first(src io.ReaderAt, most int, final bool) (head entry, lines int64, err error) {
	scan := &scanner{split: t.split, max: most}
	scan.reset(src, 0, nil)
	for {
		head, ok, err := scan.next(final)
		switch {
		case err != nil:
			return head, 0, err
		case !ok:
			return head, 0, errNoHeader
		case head.fault != "":
			return head, 0, sdk.Errorf(sdk.Invalid, "the header cannot be read: %s", head.fault)
		}
		lines += head.lines
		if len(head.raw) > 0 {
			return head, lines, nil
		}
	}
}

// event makes an event of one row.
func (t *table) event(raw []byte) (sdk.Event, error) {
	cells, err := t.cells(raw)
	if err != nil {
		return sdk.Event{}, err
	}
	return t.columns.Row(cells)
}

// cells reads one row. It goes through one csv.Reader, which is made anew after an error because that may leave bytes in it.
func (t *table) cells(raw []byte) ([]string, error) {
	if t.rows == nil {
		t.rows = csv.NewReader(&t.in)
		t.rows.Comma = rune(t.delimiter)
		t.rows.FieldsPerRecord = -1
		t.rows.ReuseRecord = true
	}
	t.row = append(append(t.row[:0], raw...), "\r\n"...) // so that a \r at the end of raw stays
	t.in.Reset(t.row)
	cells, err := t.rows.Read()
	if err != nil {
		t.rows = nil
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			err = parse.Err // without the line: it counts from the reader's own start
		}
		return nil, fmt.Errorf("its row is not CSV: %w", err)
	}
	return cells, nil
}

// split finds the end of the first row: the first line end outside of quotes. After a misplaced quote nobody can tell where
// the row ends; then it is the first line.
func (t *table) split(data []byte, last bool) (n int, fault string) {
	for i := 0; ; {
		end := i
		if i < len(data) && data[i] == '"' {
			quote := closingQuote(data[i+1:])
			if quote < 0 && last {
				return splitLine(data, last), "a quote is not closed"
			}
			if quote < 0 {
				return 0, ""
			}
			end = i + 1 + quote + 1
			if !t.endsCell(data[end:], last) {
				return splitLine(data, last), "a quote stands inside a quoted cell; it must be written twice"
			}
		}
		stop := bytes.IndexByte(data[end:], '\n')
		cell := bytes.IndexByte(data[end:], t.delimiter)
		switch {
		case cell >= 0 && (stop < 0 || cell < stop):
			i = end + cell + 1
		case stop >= 0:
			return end + stop + 1, ""
		case last:
			return len(data), ""
		default:
			return 0, ""
		}
	}
}

// endsCell reports whether rest, the bytes behind a closing quote, can follow it.
func (t *table) endsCell(rest []byte, last bool) bool {
	switch {
	case len(rest) == 0, rest[0] == t.delimiter, rest[0] == '\n':
		return true
	case rest[0] != '\r':
		return false
	case len(rest) == 1:
		return true
	}
	return rest[1] == '\n'
}

// closingQuote returns the index of the quote that ends the quoted cell b begins in, or -1. Two quotes are one of its text.
func closingQuote(b []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		if i+1 == len(b) || b[i+1] != '"' {
			return i
		}
		i += 2
	}
}
