package keep_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo/keep"
)

// The test binary is the animals too.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "zoo" {
		if zoo.Child(os.Args[2:]) {
			return
		}
		os.Exit(zoo.Main(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func TestShow(t *testing.T) {
	names := os.Getenv("ZOO")
	hub := os.Getenv("ZOO_HUB")
	if hub == "" {
		hub = filepath.Join(t.TempDir(), "pintle")
		if out, err := exec.Command("go", "build", "-o", hub, "../../../pintle").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var cages []keep.Cage
	for name := range strings.SplitSeq(names, ",") {
		name, kinds, some := strings.Cut(name, ":")
		m, ok := zoo.Find(name)
		if !ok {
			t.Fatalf("no mode %q", name)
		}
		if some {
			m.Kinds = kinds
		}
		cages = append(cages, keep.Cages(m)...)
	}
	bad, err := time.ParseDuration(os.Getenv("ZOO_BAD"))
	if err != nil {
		bad = 4 * time.Second
	}
	again, err := time.ParseDuration(os.Getenv("ZOO_AGAIN"))
	if err != nil {
		again = 90 * time.Second
	}
	dir := os.Getenv("ZOO_KEEP")
	if dir == "" {
		dir = t.TempDir()
	}
	s := &keep.Show{Hub: hub, Self: self, Dir: dir, Cages: cages, Bad: bad, Baseline: 2 * time.Second, Again: again, Told: 20 * time.Second}
	r, err := s.Run(t.Context())
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(s.Dir, "hub.log"))
		t.Fatalf("%v\n%s", err, log[max(0, len(log)-3000):])
	}
	for name, told := range r.Told {
		t.Logf("%s: %.300s", name, told)
	}
	t.Logf("before %.0f/s p99 %s, during %.0f/s p99 %s, RSS %d -> %d MiB, CPU %.2f, log %d kB, back %s, stop %s", r.Before.Rate(), r.Before.P99,
		r.During.Rate(), r.During.P99, r.RSSBefore>>20, r.RSS>>20, r.CPU, r.LogBytes>>10, r.Back.Round(time.Millisecond), r.Stop.Round(time.Millisecond))
	for _, f := range r.Faults {
		t.Errorf("%.1000s", f)
	}
}
