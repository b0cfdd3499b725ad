package learn

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CorrectionsFile is where corrected labels of a file of labelled texts stand: a comma separated file with the columns id and
// label, which people may also write themselves. The last line for an id counts.
func CorrectionsFile(path string) string { return path + ".corrections.csv" }

// Correct notes that the row named id should have another label. The next training uses it.
func Correct(path, id, label string) (old string, err error) {
	rows, err := Read(path, true)
	if err != nil {
		return "", err
	}
	found := false
	for i := range rows {
		if rows[i].ID == id {
			old, found = rows[i].Label, true
		}
	}
	switch {
	case label == "":
		return "", errors.New("the label is empty")
	case !found:
		return "", fmt.Errorf("%s has no row %q; rows are named by their id, or by their line where they have none", path, id)
	}
	file := CorrectionsFile(path)
	_, missing := os.Stat(file)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	w := csv.NewWriter(f)
	if missing != nil {
		_ = w.Write([]string{"id", "label"})
	}
	_ = w.Write([]string{id, label})
	w.Flush()
	return old, errors.Join(w.Error(), f.Sync(), f.Close())
}

func applyCorrections(path string, rows []Row) error {
	file := CorrectionsFile(path)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	fixes, err := readFile(file)
	if err != nil {
		return err
	}
	label := make(map[string]string)
	for _, f := range fixes {
		label[f.ID] = f.Label
	}
	for i := range rows {
		if l := label[rows[i].ID]; l != "" {
			rows[i].Label = l
		}
	}
	return nil
}
