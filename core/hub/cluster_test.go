package hub_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/hub"
)

// natsArg makes this binary a NATS server. What it keeps and where it listens stand in the environment.
const (
	natsArg   = "__testnats"
	natsStore = "PINTLE_TEST_NATS_STORE"
	natsPort  = "PINTLE_TEST_NATS_PORT"
)

// serveNATS prints its address and serves until its stdin ends.
func serveNATS() int {
	port := -1
	_, _ = fmt.Sscan(os.Getenv(natsPort), &port)
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: os.Getenv(natsStore),
		SyncAlways: true, MaxPayload: 8 << 20, NoLog: true, NoSigs: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		return 1
	}
	fmt.Println(s.ClientURL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	return 0
}

// startNATS starts a server in a process of its own. port is "" for any. kill ends it as kill -9 does.
func startNATS(t *testing.T, store, port string) (address string, kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, natsArg)
	cmd.Env = append(os.Environ(), natsStore+"="+store, natsPort+"="+port)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			_ = stdin.Close()
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), kill
}

// The log is a NATS server elsewhere. It is killed while events flow, comes back, and nobody needs to do anything.
func TestAnExternalLogEndToEnd(t *testing.T) {
	t.Parallel()
	dir, store := t.TempDir(), t.TempDir()
	address, kill := startNATS(t, store, "")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	openGate(t, dir, 1000)
	hcl := strings.Replace(chain(dir, 2000, "", ""), `data_dir = "./data"`, fmt.Sprintf("data_dir = \"./data\"\n  broker {\n    url = %q\n  }", address), 1)
	hcl = strings.Replace(hcl, "count =", fmt.Sprintf("chunk = 20\n  pause = \"2ms\"\n  gate = %q\n  count =", filepath.Join(dir, "gate")), 1)
	h, finish := background(t, load(t, dir, hcl))
	await(t, "events to arrive", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) > 300 })
	kill()
	openGate(t, dir, 2000)
	await(t, "the loss of the log to be seen", func() bool { return !h.Status(t.Context()).Log.Connected })
	startNATS(t, store, u.Port())
	s := finish()
	if !s.Log.External || s.Books.Accepted != 2000 || s.Books.Delivered != 2000 || !s.Balanced {
		t.Errorf("status: %+v", s)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 2000)
	letTheSecondRunDoNothing(t, dir, hcl)
}

func letTheSecondRunDoNothing(t *testing.T, dir, hcl string) {
	t.Helper()
	if s := runIdle(t, dir, hcl); s.Books.Delivered != 2000 {
		t.Errorf("books: %+v", s.Books)
	}
	if lines := ledgerLines(t, filepath.Join(dir, "out")); len(lines) != 2000 {
		t.Errorf("%d lines", len(lines))
	}
}

// Two hubs work on one log, which nothing but the fence in it keeps apart: one of them gives up, and the events and counts are
// those of one hub. // promises 1, 11
func TestTwoHubsOnOneLogAreKeptApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address, _ := startNATS(t, t.TempDir(), "")
	openGate(t, dir, 500)
	hcl := strings.Replace(chain(dir, 2000, "", ""), `data_dir = "./data"`, fmt.Sprintf("data_dir = \"./data\"\n  broker {\n    url = %q\n  }", address), 1)
	hcl = strings.Replace(hcl, "count =", fmt.Sprintf("chunk = 20\n  pause = \"1ms\"\n  gate = %q\n  count =", filepath.Join(dir, "gate")), 1)
	var ended [2]chan error
	for i := range ended {
		o := options(t, load(t, dir, hcl))
		h, err := hub.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		ended[i] = make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		defer cancel()
		go func() {
			err := h.Run(ctx)
			ended[i] <- errors.Join(err, h.Close())
		}()
		await(t, "events to arrive", func() bool { return h.Status(t.Context()).Sources[0].Total > 0 })
		openGate(t, dir, 1000+1000*i)
	}
	fenced := 0
	for i := range ended {
		if err := <-ended[i]; errors.Is(err, broker.ErrFenced) {
			fenced++
		} else if err != nil {
			t.Errorf("hub %d: %v", i, err)
		}
	}
	if fenced == 0 {
		t.Error("no hub was fenced")
	}
	s := runIdle(t, dir, hcl)
	if s.Books.Accepted != 2000 || s.Books.Delivered != 2000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	checkTally(t, firstDeliveries(lines), 2000)
	t.Logf("%d of %d lines came again", len(lines)-2000, len(lines))
}
