package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Read hands every record of the history in dir to each, in order. A last line that was not finished is left out.
func Read(dir string, each func(*Record)) error {
	f, err := os.Open(filepath.Join(dir, File))
	if err != nil {
		return fmt.Errorf("open the history: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("%s, line %d: %w", f.Name(), n, err)
		}
		each(&r)
	}
}
