// Package learn is what a user does with models of the text analyzers: read labelled texts, train, measure, look into a model,
// correct labels. The command line calls it. Errors and figures name rows by number or id, never by what somebody wrote.
package learn

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Row is one labelled text.
type Row struct {
	// ID names the row; its number in the file where there is none.
	ID    string `json:"id"`
	Text  string `json:"text"`
	Label string `json:"label"`
	// Author keeps texts of one person together when some are held out (optional).
	Author string `json:"author"`
}

// Bounds of a file with labelled texts.
const (
	maxFile = 1 << 30
	maxLine = 1 << 20
)

// Read reads labelled texts: JSON lines with text, label and perhaps id and author, or, where the name ends in .csv, a comma
// separated file with these names in its first line. Labels that people corrected (see Correct) replace those of the file. Rows
// without text are an error, as are rows without label unless unlabelled is true.
func Read(path string, unlabelled bool) ([]Row, error) {
	rows, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if err := applyCorrections(path, rows); err != nil {
		return nil, err
	}
	var wrong []error
	for i := range rows {
		r := &rows[i]
		switch {
		case strings.TrimSpace(r.Text) == "":
			wrong = append(wrong, fmt.Errorf("row %s has no text", r.ID))
		case r.Label == "" && !unlabelled:
			wrong = append(wrong, fmt.Errorf("row %s has no label: label it, or leave it out", r.ID))
		}
	}
	if len(rows) == 0 {
		wrong = append(wrong, errors.New(`it has no rows; it needs lines such as {"text": "...", "label": "..."}`))
	}
	if len(wrong) > 10 {
		wrong = append(wrong[:10], fmt.Errorf("and %d more", len(wrong)-10))
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(wrong...))
	}
	return rows, nil
}

func readFile(path string) ([]Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := io.LimitReader(f, maxFile)
	if strings.HasSuffix(strings.ToLower(path), ".csv") {
		return readCSV(path, in)
	}
	var rows []Row
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		line := bytes.TrimSpace(s.Bytes())
		if len(line) == 0 {
			continue
		}
		r := Row{ID: fmt.Sprint(n)}
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf(`%s line %d is no JSON object with the texts "text" and "label" (a comma separated file must be named .csv)`, path, n)
		}
		rows = append(rows, r)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s after %d rows: %w", path, len(rows), err)
	}
	return rows, nil
}

func readCSV(path string, in io.Reader) ([]Row, error) {
	r := csv.NewReader(in)
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: first line: %w", path, err)
	}
	column := func(name string) int {
		return slices.IndexFunc(head, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), name)
		})
	}
	at := [...]int{column("id"), column("text"), column("label"), column("author")}
	if at[1] < 0 && at[2] < 0 {
		return nil, fmt.Errorf("%s: the first line names neither a column text nor a column label", path)
	}
	var rows []Row
	for n := 2; ; n++ {
		fields, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		row := Row{ID: fmt.Sprint(n)}
		for c, to := range []*string{&row.ID, &row.Text, &row.Label, &row.Author} {
			if at[c] >= 0 && fields[at[c]] != "" {
				*to = fields[at[c]]
			}
		}
		rows = append(rows, row)
	}
}
