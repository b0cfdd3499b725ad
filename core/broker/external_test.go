package broker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/pintle-hub/pintle/core/broker"
)

// serve is the role "server": a NATS server in a process of its own, as an operator would run it. Its argument is the
// configuration file; it prints its URL.
func serve() error {
	o, err := server.ProcessConfigFile(os.Args[1])
	if err != nil {
		return err
	}
	o.NoSigs, o.NoLog = true, true
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return errors.New("server does not start")
	}
	fmt.Println(s.ClientURL())
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	return err
}

const system = `
accounts {
  APP {
    jetstream: enabled
    users: [{user: app, password: app}]
    imports: [{service: {account: SYS, subject: "$SYS.REQ.SERVER.PING.JSZ"}}]
  }
  SYS {
    users: [{user: sys, password: sys}]
    exports: [{service: "$SYS.REQ.SERVER.PING.JSZ", response: stream}]
  }
}
system_account: SYS
no_auth_user: app
`

// config writes a server's configuration.
func config(t *testing.T, port int, storeDir, sync, rest string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nats.conf")
	write(t, path, fmt.Appendf(nil, "listen: \"127.0.0.1:%d\"\nmax_payload: 8MB\njetstream { store_dir: %q, sync_interval: %q }\n%s",
		port, storeDir, sync, rest))
	return path
}

// port of a server's URL.
func port(t *testing.T, url string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(url, "nats://127.0.0.1:%d", &n); err != nil {
		t.Fatalf("URL %q: %v", url, err)
	}
	return n
}

func TestExternalLogKeepsWhatItAcknowledgedOverAKill(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	srv := spawn(t, "server", config(t, -1, store, "always", ""))
	url := srv.line()
	b := open(t, broker.Config{URL: url})
	w, r := writer(t, b), read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}})
	for i := range 20 {
		if _, err := w.Append(t.Context(), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := take(t, r, 10); got[9] != "9" {
		t.Errorf("read %v", got)
	}
	srv.kill()
	if _, err := w.Append(t.Context(), []byte("20")); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("append without a server: %v, want ErrUnavailable", err)
	}
	srv = spawn(t, "server", config(t, port(t, url), store, "always", ""))
	srv.line()
	until(t, func() bool {
		_, err := w.Append(t.Context(), []byte("20"))
		return err == nil
	})
	if got := take(t, r, 11); strings.Join(got, " ") != "10 11 12 13 14 15 16 17 18 19 20" {
		t.Errorf("read %v", got)
	}
	if err := b.SaveState(t.Context(), "p", state(1)); err != nil {
		t.Error(err)
	}
	if data, ok, err := b.LoadState(t.Context(), "p"); err != nil || !ok || len(data) != len(state(1)) {
		t.Errorf("state: %d bytes, %v, %v", len(data), ok, err)
	}
	trim(t, b, 15)
	if damage, err := b.Fsck(t.Context()); err != nil || len(damage) != 0 {
		t.Errorf("fsck: %v, %v", damage, err)
	}
	if err := b.Heal(t.Context()); err != nil {
		t.Errorf("heal: %v", err)
	}
	st, err := b.Status(t.Context())
	if err != nil || !st.External || st.Problem != "" || st.Streams[0].First != 15 || st.DiskTotal != 0 {
		t.Errorf("status: %+v, %v", st, err)
	}
	if len(st.Warnings) != 1 || !strings.Contains(st.Warnings[0].Text, "write to disk before they answer") {
		t.Errorf("warnings: %v", st.Warnings)
	}
}

func TestExternalStreamThatIsGoneIsNotCreatedAgain(t *testing.T) {
	url := spawn(t, "server", config(t, -1, t.TempDir(), "always", "")).line()
	b := open(t, broker.Config{URL: url})
	add(t, b, broker.Insights, "in.0.p", "x")
	closeLog(t, b)
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Request("$JS.API.STREAM.DELETE.IN", nil, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Open(t.Context(), broker.Config{URL: url}); !errors.Is(err, broker.ErrDamaged) ||
		!strings.Contains(err.Error(), "stream IN is gone from "+url) {
		t.Errorf("open: %v, want ErrDamaged", err)
	}
}

func TestExternalServerMustKeepThePromise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sync, rest, want string
	}{
		{"writes before it answers", "always", system, ""},
		{"answers before it writes", "2m", system, "sync_interval: always"},
		{"takes only small messages", "always", "max_payload: 1MB", "set max_payload: 8388608"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := spawn(t, "server", config(t, -1, t.TempDir(), c.sync, c.rest)).line()
			b, err := broker.Open(t.Context(), broker.Config{URL: url})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("open: %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer closeLog(t, b)
			if st, err := b.Status(t.Context()); err != nil || len(st.Warnings) != 0 {
				t.Errorf("warnings: %v, %v", st.Warnings, err)
			}
		})
	}
}

func TestNoServerIsAnErrorAtOpen(t *testing.T) {
	srv := spawn(t, "server", config(t, -1, t.TempDir(), "always", ""))
	url := srv.line()
	srv.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := broker.Open(ctx, broker.Config{URL: url}); err == nil || !strings.Contains(err.Error(), url) {
		t.Errorf("open: %v, want an error that names %s", err, url)
	}
}
