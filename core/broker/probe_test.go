package broker_test

import (
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
)

func TestVersionsThatLoseMessagesAreKnown(t *testing.T) {
	for version, bad := range map[string]bool{"2.10.22": true, "2.12.15": true, "2.14.5": true, "2.14.8": true, "2.14.9": false, "2.14.10": false,
		"2.15.0": true, "2.15.1": false, "2.15.2": false, "2.16.0-RC.1": false, "3.0.0": false, "": true, "dev": true} {
		if got := broker.VersionTrouble(version) != ""; got != bad {
			t.Errorf("version %q is bad: %v, want %v", version, got, bad)
		}
	}
}

func TestHolderSaysWhoHasTheFolder(t *testing.T) {
	dir := t.TempDir()
	if pid, held, err := broker.Holder(dir); pid != "" || held || err != nil {
		t.Errorf("an empty folder is held by %q: %v, %v", pid, held, err)
	}
	b, err := broker.Open(t.Context(), broker.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if pid, held, err := broker.Holder(dir); pid == "" || !held || err != nil {
		t.Errorf("an open log is held by %q: %v, %v", pid, held, err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, held, err := broker.Holder(dir); held || err != nil {
		t.Errorf("a closed log is held: %v, %v", held, err)
	}
}

func TestProbeTellsWhatServersSayOfThemselves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sync, rest string
		told, safe bool
	}{
		"open and safe":    {"always", system, true, true},
		"open and unsafe":  {"2m", system, true, false},
		"silent as it may": {"always", "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := broker.Probe(t.Context(), spawn(t, "server", config(t, -1, t.TempDir(), c.sync, c.rest)).line())
			if err != nil {
				t.Fatal(err)
			}
			if p.JetStream != nil || broker.VersionTrouble(p.Version) != "" || p.MaxPayload < p.NeedPayload || len(p.Streams) != 0 {
				t.Errorf("%+v", p)
			}
			if told := len(p.Servers) == 1; told != c.told || told && p.Servers[0].SyncAlways != c.safe {
				t.Errorf("servers: %+v", p.Servers)
			}
		})
	}
}
