package hub_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A finite source that dies while a batch of it is stored has not ended: the acknowledgement that cannot be sent any more must
// not look like its end.
func TestASourceThatDiesBeforeItsAcknowledgementIsReadOn(t *testing.T) {
	dir := t.TempDir()
	die := fmt.Sprintf("die = [%q, %q, %q]", filepath.Join(dir, "died1"), filepath.Join(dir, "died2"), filepath.Join(dir, "died3"))
	hcl := strings.Replace(chain(dir, 2000, "", ""), "count = 2000", "count = 2000\n  chunk = 500\n  "+die, 1)
	s := runIdle(t, dir, hcl)
	if s.Books.Delivered != 2000 || !s.Balanced || s.Sources[0].Restarts != 3 {
		t.Errorf("books: %+v, source: %+v", s.Books, s.Sources[0])
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 2000)
}
