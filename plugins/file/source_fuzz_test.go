package file_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// FuzzSourceCSV holds the source against encoding/csv for tables in which that finds no fault, and for others asks that
// nothing vanishes.
func FuzzSourceCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\"a\",\"b\nc\"\r\n\"\"\"\",2\r\n\r\nx,\"y\"", "a\"b,\"c\"d\n\"e", ",\n,,\n", "\"\r\n\"\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 2000 || bytes.HasPrefix(in, []byte("\xef\xbb\xbf")) || !utf8.Valid(in) || len(bytes.TrimSpace(in)) == 0 {
			return
		}
		want, faulty := readCSV(in)
		if len(want) == 0 || blankRow(want) {
			return
		}
		path := t.TempDir() + "/in.csv"
		put(t, path, string(in))
		var out recorder
		config := map[string]any{"path": path, "header": false}
		err := run(t, config, nil, &out)
		if faulty {
			if err == nil && len(out.events) == 0 {
				t.Error("a table with faults gave nothing at all")
			}
			return
		}
		if err != nil {
			t.Fatalf("Run: %v", err)
		}
		if diff := cmp.Diff(want, rowsOf(t, out.events, len(want[0]))); diff != "" {
			t.Errorf("rows (-encoding/csv +source):\n%s", diff)
		}
	})
}

// readCSV reads the rows that are as long as the first one; faulty tells that some cannot be read at all.
func readCSV(in []byte) (rows [][]string, faulty bool) {
	r := csv.NewReader(bytes.NewReader(in))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, false
		}
		if err != nil {
			return rows, true
		}
		if len(rows) == 0 || len(row) == len(rows[0]) {
			rows = append(rows, row)
		}
	}
}

// blankRow reports whether any row is of white space alone, which the source passes over.
func blankRow(rows [][]string) bool {
	for _, row := range rows {
		if len(row) == 1 && strings.Trim(row[0], " \t\r") == "" {
			return true
		}
	}
	return false
}

func rowsOf(t *testing.T, events []sdk.Event, columns int) (rows [][]string) {
	for i := range events {
		if events[i].Type == sdk.TypeRejected {
			continue
		}
		var cells map[string]string
		if err := json.Unmarshal(events[i].Data, &cells); err != nil {
			t.Fatalf("data: %v", err)
		}
		row := make([]string, columns)
		for c := range row {
			row[c] = cells[strconv.Itoa(c+1)]
		}
		rows = append(rows, row)
	}
	return rows
}

// FuzzSourceJSONL counts: whatever the lines hold, each one that is not blank is an event or a rejection, with an id of its
// own, and reading in two runs gives the same as in one.
func FuzzSourceJSONL(f *testing.F) {
	for _, seed := range []string{"{\"id\":1,\"text\":\"x\"}\n{\"text\":\n\n[]", "\xef\xbb\xbf{}\r\n{}\n{}", "{\"a\":{\"b\":[1,{}]}}\n\xff\n\t\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 2000 || bytes.HasPrefix(in, []byte("\xff\xfe")) || bytes.HasPrefix(in, []byte("\xfe\xff")) {
			return
		}
		path := t.TempDir() + "/in.jsonl"
		put(t, path, string(in))
		var out recorder
		config := map[string]any{"path": path, "max_line": 64, "fields": map[string]string{"text": "text"}}
		if err := run(t, config, nil, &out); err != nil {
			t.Fatalf("Run: %v", err)
		}
		want := 0
		for line := range bytes.SplitSeq(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf")), []byte("\n")) {
			if len(bytes.Trim(line, " \t\r")) > 0 || len(bytes.TrimSuffix(line, []byte("\r"))) > 64 {
				want++
			}
		}
		seen := map[string]bool{}
		for _, id := range ids(out.events) {
			seen[id] = true
		}
		if len(out.events) != want || len(seen) != want {
			t.Errorf("%d events with %d ids of %d lines: %q", len(out.events), len(seen), want, texts(out.events))
		}
	})
}
