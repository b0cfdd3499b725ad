package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// LogServer is a NATS server of its own, for hubs whose log is elsewhere.
type LogServer struct {
	env  *Env
	dir  string
	port int
	cmd  *exec.Cmd
}

// natsServer is the server's main package; this module requires it anyway, for the embedded log.
const natsServer = "github.com/nats-io/nats-server/v2"

// StartLogServer builds a NATS server, unless Options.NATS names one, and starts it on an address of this machine alone. It
// keeps what it has on disk before it answers. Close ends it.
func (e *Env) StartLogServer(ctx context.Context) (*LogServer, error) {
	if e.NATS == "" {
		root, err := Root(ctx)
		if err != nil {
			return nil, err
		}
		e.NATS = filepath.Join(e.Dir, "nats-server")
		cmd := exec.CommandContext(ctx, "go", "build", "-o", e.NATS, natsServer)
		cmd.Dir = root
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w\n%s", natsServer, err, text)
		}
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &LogServer{env: e, dir: filepath.Join(e.Dir, "nats"), port: port}
	if err := s.configure(); err != nil {
		return nil, err
	}
	e.servers = append(e.servers, s)
	return s, s.Start(ctx)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *LogServer) configure() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("listen: \"127.0.0.1:%d\"\nmax_payload: 8388608\njetstream {\n  store_dir: %q\n  sync_interval: always\n}\n", s.port, s.dir)
	return os.WriteFile(filepath.Join(s.dir, "nats.conf"), []byte(text), 0o600)
}

// Settings are the lines for the block pintle { } of a hub that keeps its log there.
func (s *LogServer) Settings() string {
	return fmt.Sprintf("broker {\n    url = \"nats://127.0.0.1:%d\"\n  }", s.port)
}

// Start starts the server and returns when it listens.
func (s *LogServer) Start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(s.env.Dir, "nats.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.env.NATS, "-c", filepath.Join(s.dir, "nats.conf"))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.env.spawn.start(s.cmd); err != nil {
		return err
	}
	return s.env.Await(ctx, 10*time.Second, "the log server", func() error {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			_ = conn.Close()
		}
		return err
	})
}

// Kill ends the server as kill -9 does.
func (s *LogServer) Kill() {
	if s.cmd != nil && s.cmd.Process != nil && s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}
