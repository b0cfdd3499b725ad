// Package labelled reads sets of texts to which people gave labels, from the folder with data that the trainers and the
// evaluation are given. The texts are never part of the project. Each reader returns the texts in the order of the file, and an
// error that names the file.
package labelled

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Text is one text and what people said of it.
type Text struct {
	ID, Text, Label string
	// Labels holds all labels where there may be several, Author who wrote it and At when, Group what it was taken from (a
	// video, an event, an airline), as far as the set tells.
	Labels        []string
	Author, Group string
	At            time.Time
}

// Dir is the folder that holds the sets, one folder each.
type Dir string

// lines returns the lines of a file without their ends.
func (d Dir) lines(parts ...string) ([]string, error) {
	f, err := os.Open(filepath.Join(append([]string{string(d)}, parts...)...))
	if err != nil {
		return nil, fmt.Errorf("read labelled data: %w", err)
	}
	defer f.Close()
	var list []string
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		list = append(list, strings.TrimSuffix(s.Text(), "\r"))
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("read labelled data %s: %w", filepath.Join(parts...), err)
	}
	return list, nil
}

// rows returns the rows of a comma separated file below its heading.
func (d Dir) rows(parts ...string) ([][]string, error) {
	f, err := os.Open(filepath.Join(append([]string{string(d)}, parts...)...))
	if err != nil {
		return nil, fmt.Errorf("read labelled data: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("read labelled data %s: %d rows, %w", filepath.Join(parts...), len(rows), err)
	}
	return rows[1:], nil
}

// beside reads two files with a text and its label on the same line.
func (d Dir) beside(texts, labels string, parts ...string) ([]Text, error) {
	a, err := d.lines(append(slices.Clone(parts), texts)...)
	if err != nil {
		return nil, err
	}
	b, err := d.lines(append(slices.Clone(parts), labels)...)
	if err != nil {
		return nil, err
	}
	if len(a) != len(b) {
		return nil, fmt.Errorf("read labelled data %s: %d texts and %d labels", filepath.Join(parts...), len(a), len(b))
	}
	list := make([]Text, len(a))
	for i := range a {
		list[i] = Text{Text: a[i], Label: strings.TrimSpace(b[i])}
	}
	return list, nil
}

// Airline returns the complaints to airlines by time: Label is the sentiment, Labels[0] the reason ("" for none), Group the
// airline as labelled ("Delta" is in truth @JetBlue).
func (d Dir) Airline() ([]Text, error) {
	lines, err := d.lines("airline-tweets", "feedback.jsonl")
	if err != nil {
		return nil, err
	}
	list := make([]Text, 0, len(lines))
	for n, line := range lines {
		var c struct{ ID, Author, Time, Airline_label, Text, Sentiment, Reason string }
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return nil, fmt.Errorf("read labelled data airline-tweets line %d: %w", n+1, err)
		}
		at, err := time.Parse("2006-01-02 15:04:05 -0700", c.Time)
		if err != nil {
			return nil, fmt.Errorf("read labelled data airline-tweets line %d: %w", n+1, err)
		}
		list = append(list, Text{ID: c.ID, Text: c.Text, Label: c.Sentiment, Labels: []string{c.Reason}, Author: c.Author, Group: c.Airline_label, At: at.UTC()})
	}
	return list, nil
}

// Banking77 returns questions to a bank; part is train or test, Label one of 77 intents.
func (d Dir) Banking77(part string) ([]Text, error) {
	rows, err := d.rows("banking77", part+".csv")
	if err != nil {
		return nil, err
	}
	list := make([]Text, 0, len(rows))
	for _, r := range rows {
		list = append(list, Text{Text: r[0], Label: r[1]})
	}
	return list, nil
}

// Intents returns a part of a set in two files, seq.in and label: hwu64/train, fewshot/BANKING77/train_10,
// banking77-oos/id-oos/test.
func (d Dir) Intents(parts ...string) ([]Text, error) { return d.beside("seq.in", "label", parts...) }

// XLMT returns tweets in a language (german, french ...); part is train, val or, for german, french and spanish, test. Label
// is negative, neutral or positive.
func (d Dir) XLMT(language, part string) ([]Text, error) {
	list, err := d.beside(part+"_text.txt", part+"_labels.txt", "xlm-t", language)
	for i := range list {
		if n := strings.Index("012", list[i].Label); n >= 0 {
			list[i].Label = [...]string{"negative", "neutral", "positive"}[n]
		}
	}
	return list, err
}

// TweetEval returns a part (train, val, test) of task emotion or offensive. Label is the name in the set's mapping.
func (d Dir) TweetEval(task, part string) ([]Text, error) {
	list, err := d.beside(part+"_text.txt", part+"_labels.txt", "tweeteval", task)
	if err != nil {
		return nil, err
	}
	mapping, err := d.lines("tweeteval", task, "mapping.txt")
	names := make(map[string]string)
	for _, line := range mapping {
		if number, name, ok := strings.Cut(line, "\t"); ok {
			names[number] = name
		}
	}
	for i := range list {
		list[i].Label = names[list[i].Label]
	}
	return list, err
}
