package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/doctor"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// patient is a hub to be that lacks nothing.
func patient(t *testing.T) doctor.Options {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := config.Settings{DataDir: dir, Limits: config.Limits{EventsMax: 1 << 20}}
	in := &config.Block{Kind: config.KindSource, Type: "file", Name: "in", Program: "file", Source: &sdk.SourceSpec{}}
	return doctor.Options{
		Plan:     &config.Plan{Dir: dir, Settings: s, Sources: []*config.Block{in}, Pipelines: []*config.Pipeline{{Name: "p", From: []*config.Block{in}}}},
		Settings: s,
		Socket:   filepath.Join(dir, "admin", "pintle.sock"),
		Start: func(context.Context, string) (hub.Examined, error) {
			return hub.Examined{Offers: sdk.Program{Name: "file", Version: "1"}, Took: time.Millisecond}, nil
		},
		Status:  func(context.Context) (*hub.Status, error) { return nil, nil },
		Command: func(name string, _ ...string) string { return "pintle " + name },
	}
}

// find returns what was found by one check.
func find(t *testing.T, o doctor.Options, check string) doctor.Finding {
	t.Helper()
	list := doctor.Examine(t.Context(), o)
	i := slices.IndexFunc(list, func(f doctor.Finding) bool { return f.Check == check })
	if i < 0 {
		t.Fatalf("%s was not looked at: %+v", check, list)
	}
	return list[i]
}

// want checks a finding: its level, and words of what was seen and of the mend.
func want(t *testing.T, f doctor.Finding, level doctor.Level, seen, mend string) {
	t.Helper()
	if f.Level != level || !strings.Contains(f.Seen, seen) || !strings.Contains(f.Mend, mend) {
		t.Errorf("found %+v, want %s with %q, mend %q", f, level, seen, mend)
	}
	if level != doctor.OK && (f.Why == "" || f.Mend == "") {
		t.Errorf("%s says neither why nor what to do: %+v", f.Check, f)
	}
}

func TestAHealthyFolderIsWell(t *testing.T) {
	o := patient(t)
	for _, f := range doctor.Examine(t.Context(), o) {
		if f.Level == doctor.Error {
			t.Errorf("%+v", f)
		}
	}
	if left, err := os.ReadDir(o.Settings.DataDir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAFolderOfAnotherUser(t *testing.T) {
	o := patient(t)
	if os.Geteuid() == 0 {
		if err := os.Chown(o.Settings.DataDir, 65534, -1); err != nil {
			t.Fatal(err)
		}
	} else {
		o.Settings.DataDir = "/" // of root, wherever
	}
	want(t, find(t, o, "data.owner"), doctor.Error, "belongs to ", "chown -R ")
}

func TestAFileOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	o := patient(t)
	path := filepath.Join(o.Settings.DataDir, "manifest.json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 65534, -1); err != nil {
		t.Fatal(err)
	}
	want(t, find(t, o, "data.files"), doctor.Error, "manifest.json", "chown -R ")
}

func TestAPortThatIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := patient(t)
	o.Plan.Sources[0].Config = fmt.Appendf(nil, `{"listen": %q}`, l.Addr())
	_, port, _ := net.SplitHostPort(l.Addr().String())
	want(t, find(t, o, "port.source.file.in"), doctor.Error, "taken by another program", "ss -ltnp sport = :"+port)
	o.Status = func(context.Context) (*hub.Status, error) { return &hub.Status{Balanced: true}, nil }
	want(t, find(t, o, "port.source.file.in"), doctor.OK, "while the hub runs", "")
}

func TestAProgramThatDoesNotStart(t *testing.T) {
	o := patient(t)
	o.Start = func(context.Context, string) (hub.Examined, error) {
		return hub.Examined{}, errors.New("permission denied")
	}
	want(t, find(t, o, "plugin.file"), doctor.Error, "permission denied", "noexec")
}

func TestAProgramThatOthersMayReplace(t *testing.T) {
	o := patient(t)
	path := filepath.Join(t.TempDir(), "acme")
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o777); err != nil { // whatever the umask
		t.Fatal(err)
	}
	o.Programs = []doctor.Program{{Plugin: config.Plugin{Name: "acme", Path: path}}}
	want(t, find(t, o, "plugin.acme.mode"), doctor.Warning, "others may replace it", "chmod go-w")
}

// The log was written to an hour from now: the clock has been set back.
func TestAClockThatWasSetBack(t *testing.T) {
	o := patient(t)
	path := filepath.Join(o.Settings.DataDir, "jetstream", "1.blk")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	want(t, find(t, o, "clock"), doctor.Error, "before the log was written to last", "timedatectl")
}

func TestAHubInTrouble(t *testing.T) {
	o := patient(t)
	s := &hub.Status{Balanced: false, Errors: []string{"books of p: gone"},
		Sources: []hub.SourceStatus{{Address: "source.file.in", Report: flow.Report{State: flow.StateWaiting, Error: "the log is full"}}}}
	o.Status = func(context.Context) (*hub.Status, error) { return s, nil }
	want(t, find(t, o, "hub.books"), doctor.Error, "do not balance", "report it")
	want(t, find(t, o, "hub.errors"), doctor.Error, "books of p: gone", "pintle status")
	want(t, find(t, o, "hub.source.file.in"), doctor.Warning, "waiting: the log is full", "pintle status")
}

// A hub that hangs keeps nobody from being told so.
func TestAHubThatDoesNotAnswer(t *testing.T) {
	o := patient(t)
	o.Status = func(context.Context) (*hub.Status, error) { return nil, errors.New("no answer") }
	want(t, find(t, o, "hub"), doctor.Error, "does not answer: no answer", "kill -QUIT")
}

func TestALimitAboveTheDisk(t *testing.T) {
	o := patient(t)
	o.Settings.Limits.EventsMax = 1 << 60
	f := find(t, o, "disk.space")
	if f.Level == doctor.OK || !strings.Contains(f.Seen, "free") {
		t.Errorf("%+v", f)
	}
}
