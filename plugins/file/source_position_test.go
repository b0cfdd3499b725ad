package file_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// positionSeeds are positions, in which PATH and INODE stand for those of the file that is read.
func positionSeeds() []string {
	one := func(rest string) string { return `{"v":1,"files":[{"path":"PATH","inode":INODE,` + rest + `}]}` }
	return []string{"", "null", "{}", `{"v":2,"files":[]}`, `{"v":1,"files":[null]}`, `{"v":1,"files":[{}]}`,
		one(`"offset":0,"line":0`), one(`"offset":4,"line":1,"head":"HEAD","tail":"HEAD"`),
		one(`"offset":-1,"line":0`), one(`"offset":-5000,"line":-1,"gen":-3`), one(`"offset":9223372036854775807,"line":9223372036854775807`),
		one(`"offset":9000,"line":1,"tail":"x"`), one(`"offset":4,"line":1,"retired":true`), one(`"offset":0,"line":-9223372036854775808,"name":"\u0000"`)}
}

// FuzzPosition asks that whatever a stored position holds, the source refuses it with a reason, or reads events that the hub takes
// and knows in the end that there is nothing more.
func FuzzPosition(f *testing.F) {
	for _, from := range positionSeeds() {
		f.Add([]byte(from))
	}
	path := f.TempDir() + "/in.csv"
	put(f, path, "a,b\n1,2\n3,\"4\n5\"\n")
	var whole recorder
	if err := run(f, map[string]any{"path": path}, nil, &whole); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, from []byte) {
		var out, again recorder
		config := map[string]any{"path": path}
		if err := run(t, config, positionFor(path, string(whole.at), string(from)), &out); err != nil {
			if sdk.CodeOf(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if len(out.events) == 0 {
			return // it says that all was read
		}
		if err := run(t, config, out.at, &again); err != nil || len(again.events) > 0 {
			t.Errorf("the second run: %v, events %q", err, texts(again.events))
		}
	})
}

// positionFor puts what is true of the file into a position.
func positionFor(path, stored, from string) sdk.Position {
	_, rest, _ := strings.Cut(stored, `"inode":`)
	var inode uint64
	_, _ = fmt.Sscan(strings.FieldsFunc(rest, func(r rune) bool { return r == ',' })[0], &inode) // systems without keep 0
	return sdk.Position(strings.NewReplacer("PATH", path, "INODE", fmt.Sprint(inode)).Replace(from))
}

// A position that no source has written is refused by name, and not followed to where it leads.
func TestAPositionThatCannotBeIsRefused(t *testing.T) {
	path := t.TempDir() + "/in.log"
	put(t, path, "one\ntwo\n")
	var whole recorder
	if err := run(t, map[string]any{"path": path}, nil, &whole); err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]string{
		"a file that is nothing":         `null`,
		"a file without a path":          `{"offset":1}`,
		"bytes before the first":         `{"path":"PATH","inode":INODE,"offset":-1}`,
		"lines before the first":         `{"path":"PATH","inode":INODE,"line":-1}`,
		"a generation before the first":  `{"path":"PATH","inode":INODE,"gen":-1}`,
		"more bytes than can be counted": `{"path":"PATH","inode":INODE,"offset":9223372036854775807}`,
	} {
		t.Run(name, func(t *testing.T) {
			var out recorder
			err := run(t, map[string]any{"path": path}, positionFor(path, string(whole.at), `{"v":1,"files":[`+files+`]}`), &out)
			if sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), "file 1 of 1") || len(out.events) > 0 {
				t.Errorf("%d events, %v", len(out.events), err)
			}
		})
	}
}
