package sqlsink_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// Environment variables that make the test binary a process to be killed: where it writes to.
const (
	childDriver = "PINTLE_TEST_SQL_DRIVER"
	childDSN    = "PINTLE_TEST_SQL_DSN"
)

const childBatch = 100

// child writes batch after batch until it is killed, and says so after each.
func child() int {
	db := database{driver: os.Getenv(childDriver), dsn: os.Getenv(childDSN)}
	s, err := db.trySink([]string{"id", "text", "stars"}, nil)
	for i := 0; err == nil; i += childBatch {
		var in *sdk.Batch
		if in, err = newBatch(posts(i, i+childBatch)); err == nil {
			_, err = s.Write(context.Background(), in)
			fmt.Println("written", i)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// TestKilledSink kills a sink between commit and answer, or while it writes, gives all events to another, and counts.
func TestKilledSink(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		for round := range 3 {
			written := killAfter(t, db, round*2)
			s := db.sink(t, []string{"id", "text", "stars"}, nil)
			total := (written + 3) * childBatch
			for i := 0; i < total; i += childBatch {
				if _, err := s.Write(context.Background(), batch(t, posts(i, i+childBatch)...)); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := db.rows(t, "SELECT count(*), count(DISTINCT id), max(id) FROM feedback"), fmt.Sprintf("%d|%d|p%07d", total, total, total-1); got != want {
				t.Errorf("round %d: rows %s, want %s", round, got, want)
			}
			db.exec(t, "DELETE FROM feedback")
		}
	})
}

// killAfter lets a process write n batches, kills it during the next, and returns how many it said were written.
func killAfter(t *testing.T, db database, n int) (written int) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDriver+"="+db.driver, childDSN+"="+db.dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if written++; written == n+1 {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	var killed *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &killed) || written == 0 {
		t.Fatalf("the process ended by itself after %d batches: %v", written, err)
	}
	return written
}

// deafProxy stands before a PostgreSQL server. Once deaf is called, it passes on what the sink says, and cuts the connection
// when the server answers.
type deafProxy struct {
	mu   sync.Mutex
	deaf bool
}

func (p *deafProxy) isDeaf() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deaf
}

func (p *deafProxy) set(deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = deaf
}

// run passes on connections until the listener is closed.
func (p *deafProxy) run(l net.Listener, server string) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("unix", server)
		if err != nil {
			_ = in.Close()
			continue
		}
		all.Go(func() {
			_, _ = io.Copy(out, in)
			_ = out.Close()
		})
		all.Go(func() {
			b := make([]byte, 64<<10)
			for {
				n, err := out.Read(b)
				if err != nil || p.isDeaf() {
					break
				}
				_, _ = in.Write(b[:n])
			}
			_ = in.Close()
		})
	}
}

// TestAnswerIsLost loses the server's answer after the commit, and checks that a second try gives no second row.
func TestAnswerIsLost(t *testing.T) {
	db := postgresDatabase(t)
	u, err := url.Parse(db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	dir := t.TempDir()
	server := filepath.Join(query.Get("host"), ".s.PGSQL.5432")
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &deafProxy{}
	var done sync.WaitGroup
	done.Go(func() { proxy.run(l, server) })
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	s := database{driver: "postgres", dsn: u.String()}.sink(t, []string{"id", "text", "stars"}, nil)
	t.Cleanup(func() {
		_ = s.(io.Closer).Close()
		_ = l.Close()
		done.Wait()
	})
	write(t, s, batch(t, posts(0, 1)...))
	proxy.set(true)
	if _, err := s.Write(context.Background(), batch(t, posts(0, 50)...)); !sdk.Temporary(err) {
		t.Errorf("error %v, want a temporary one", err)
	}
	if got := db.rows(t, "SELECT count(*) FROM feedback"); got != "50" {
		t.Fatalf("%s rows after the lost answer, want 50: the test loses the wrong thing", got)
	}
	proxy.set(false)
	write(t, s, batch(t, posts(0, 60)...))
	if got := db.rows(t, "SELECT count(*), count(DISTINCT id) FROM feedback"); got != "60|60" {
		t.Errorf("rows %s, want 60", got)
	}
}

// TestSinksTogether lets several sinks begin at once on an empty database: each makes what it needs, and no row is lost.
func TestSinksTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, db database) {
		var all sync.WaitGroup
		for k := range 4 {
			s := db.sink(t, []string{"id", "text", "stars", "lang", "mood"}[:3+k%3], nil)
			var batches []*sdk.Batch
			for i := range 20 {
				batches = append(batches, batch(t, posts(k*1000+i*20, k*1000+i*20+20)...))
			}
			all.Go(func() {
				for _, in := range batches {
					results, err := s.Write(context.Background(), in)
					for sdk.Temporary(err) {
						results, err = s.Write(context.Background(), in)
					}
					if err != nil {
						t.Error(err)
					}
					for _, r := range results {
						if r.Outcome != sdk.Done {
							t.Errorf("sink %d: %s %s %s %s", k, r.Outcome, r.Code, r.Field, r.Message)
							return
						}
					}
				}
			})
		}
		all.Wait()
		if got := db.rows(t, "SELECT count(*), count(lang), count(mood) FROM feedback"); got != "1600|800|400" {
			t.Errorf("rows %s, want 1600, 800 with a language and 400 with a mood", got)
		}
	})
}

// TestTableMadeMeanwhile lets somebody else make the table between the sink's look and its own CREATE TABLE.
func TestTableMadeMeanwhile(t *testing.T) {
	db := postgresDatabase(t)
	s := db.sink(t, []string{"id", "stars"}, nil)
	other, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec("CREATE TABLE feedback (id text PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	in := batch(t, cells{"id": "a", "stars": 3})
	written := make(chan error, 1)
	go func() {
		_, err := s.Write(context.Background(), in)
		written <- err
	}()
	for db.rows(t, "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND a.datname = current_database()") != "1" {
		if len(written) > 0 {
			t.Fatalf("the sink did not wait: %v", <-written)
		}
	}
	if err := other.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	if got := db.rows(t, "SELECT id, stars FROM feedback"); got != "a|3" {
		t.Errorf("rows %q", got)
	}
}
