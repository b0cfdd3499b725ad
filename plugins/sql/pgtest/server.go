package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server whose life the caller has in hand: it is stopped, killed and started again on the same data.
// One goroutine uses it.
type Server struct {
	bin, dir string
	cmd      *exec.Cmd
	exited   chan struct{} // closed when cmd has ended
	log      *bytes.Buffer // of cmd; read when it has ended
}

// NewServer makes a cluster in a temporary folder and starts nothing. Close it.
func NewServer() (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pintle-pg-")
	if err != nil {
		return nil, err
	}
	if err := initialise(bin, dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Server{bin: bin, dir: dir}, nil
}

// DSN returns the address of the database "postgres" by the unix socket.
func (s *Server) DSN() string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword("postgres", Password), Path: "/postgres",
		RawQuery: url.Values{"host": {s.dir}, "sslmode": {"disable"}}.Encode()}).String()
}

// Socket returns the path of the unix socket, for a proxy.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// Start starts the server and returns when it answers. After Kill what is left of the one before may need a moment to go, which
// is waited for.
func (s *Server) Start() error {
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if err = s.begin(); err != nil {
			return err
		}
		if err = await(s.DSN(), s.exited); err == nil {
			return nil
		}
		stopped := s.Stop()
		err = errors.Join(fmt.Errorf("%w\n%s", err, s.log.String()), stopped)
		if stopped != nil || !strings.Contains(s.log.String(), "shared memory block") && !strings.Contains(s.log.String(), "lock file") {
			return err
		}
	}
	return err
}

func (s *Server) begin() error {
	s.log = &bytes.Buffer{}
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "shared_buffers=16MB", "-c", "max_connections=30")
	s.cmd.Stderr = s.log
	s.cmd.Dir = s.dir
	asServer(s.cmd)
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return fmt.Errorf("start postgres: %w", err)
	}
	cmd, exited := s.cmd, make(chan struct{})
	s.exited = exited
	go func() { // ends with the server
		_ = cmd.Wait()
		close(exited)
	}()
	return nil
}

// Stop ends the server at once, as a crash would but for a word to its clients.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	err := shutdown(s.cmd, s.exited)
	s.cmd = nil
	return err
}

// Kill ends the server by kill -9.
func (s *Server) Kill() error {
	if s.cmd == nil {
		return nil
	}
	err := s.cmd.Process.Kill()
	<-s.exited
	s.cmd = nil
	return err
}

// Close ends the server and removes its data.
func (s *Server) Close() error { return errors.Join(s.Stop(), os.RemoveAll(s.dir)) }

// Query runs one statement at dsn and returns its rows as texts, null as "".
func Query(ctx context.Context, dsn, statement string) (rows [][]string, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	results, err := conn.PgConn().Exec(ctx, statement).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("query the test server: %w", err)
	}
	for _, r := range results {
		for _, row := range r.Rows {
			texts := make([]string, len(row))
			for i, v := range row {
				texts[i] = string(v)
			}
			rows = append(rows, texts)
		}
	}
	return rows, nil
}

// await tries to connect until the server answers.
func await(dsn string, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-exited:
			return errors.New("postgres ended while it was starting")
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %s", strings.TrimSpace(err.Error()))
		case <-again.C:
		}
	}
}

// shutdown tells the server to end at once, and kills it if it does not.
func shutdown(cmd *exec.Cmd, exited <-chan struct{}) error {
	if err := endNow(cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-exited:
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(errors.New("postgres did not end, and was killed"), cmd.Process.Kill())
	}
}
