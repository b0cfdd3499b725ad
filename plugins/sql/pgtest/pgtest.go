// Package pgtest starts a PostgreSQL server for tests: a cluster of its own in a temporary folder, reachable by a unix socket
// only. It is never skipped: without the programs of PostgreSQL a test fails and says which package to install.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Password is that of the superuser "postgres".
const Password = "pintle-test"

// shared is the environment variable by which Share tells Start of its server, here and in processes that a test starts.
const shared = "PINTLE_TEST_POSTGRES"

// Start returns the address of an empty database for t: on the server of Share, or on one that runs until t ends.
func Start(t testing.TB) string {
	t.Helper()
	server := os.Getenv(shared)
	if server == "" {
		var stop func() error
		var err error
		if server, stop, err = launch(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
	dsn, err := newDatabase(server)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// Share starts one server for all tests of a package. Its TestMain calls it, and stop after the tests.
func Share() (stop func() error, err error) {
	server, end, err := launch()
	if err != nil {
		return nil, err
	}
	stop = func() error { return errors.Join(os.Unsetenv(shared), end()) }
	if err := os.Setenv(shared, server); err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

// newDatabase makes a database on the server and returns its address.
func newDatabase(server string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(ctx)
	name := "t" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create a test database: %w", err)
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// launch starts a server and returns its address. It ends with stop, or with the process.
func launch() (dsn string, stop func() error, err error) {
	s, err := NewServer()
	if err != nil {
		return "", nil, err
	}
	if err := s.Start(); err != nil {
		return "", nil, errors.Join(err, s.Close())
	}
	return s.DSN(), s.Close, nil
}

// initialise makes the cluster in dir/data, and dir a folder that the server's user can use.
func initialise(bin, dir string) error {
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(Password+"\n"), 0o644); err != nil {
		return err
	}
	if err := giveToServer(dir); err != nil {
		return fmt.Errorf("give %s to the user of the server: %w", dir, err)
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "--pwfile", secret,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	cmd.Dir = dir
	asServer(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// find returns the folder of PostgreSQL's server programs.
func find() (string, error) {
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), append(debian, "/usr/local/bin", "/opt/homebrew/bin")...) {
		path, err := filepath.EvalSymlinks(filepath.Join(dir, "initdb"))
		if err != nil {
			continue
		}
		bin := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
			return bin, nil
		}
	}
	return "", errors.New("this test needs a PostgreSQL server and finds no initdb in PATH or /usr/lib/postgresql: apt-get install -y postgresql")
}
