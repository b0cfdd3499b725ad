package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pintle-hub/pintle/sdk/wire"
)

// TestMain makes the test binary act as the programs that the scripts call: pintle itself, which also starts it as a plugin
// with __plugin NAME, a third-party plugin, and a system that a sink writes to.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pintle":  func() { syscall.Exit(run()) }, // unlike os.Exit it does not wait a second at the end under -race
		"acme":    func() { syscall.Exit(wire.Serve(acme())) },
		"backend": backend,
		"fetch":   fetch,
	})
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    await,
			"signal":   sendSignal,
			"exits":    exits,
			"lastline": lastLine,
			"freeport": freePort,
			"rot":      rot,
		},
	})
}

// await TIMEOUT PATTERN COMMAND... runs a command again and again until its stdout matches the pattern.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: await TIMEOUT PATTERN COMMAND...")
	}
	timeout, err := time.ParseDuration(args[0])
	ts.Check(err)
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	deadline := time.After(timeout)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ts.Exec(args[2], args[3:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		select {
		case <-deadline:
			ts.Fatalf("%s did not come to match %q in %s: %v", strings.Join(args[2:], " "), args[1], timeout, err)
		case <-tick.C:
		}
	}
}

// signal NAME sends a signal to all commands in the background.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "INT": syscall.SIGINT}
	if neg || len(args) != 1 || signals[args[0]] == nil {
		ts.Fatalf("usage: signal TERM|HUP|INT")
	}
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(signals[args[0]]))
	}
}

// exits CODE COMMAND... runs a command that must end with this exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// lastline PATTERN checks the last line that the command before has written to stdout.
func lastLine(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] lastline PATTERN")
	}
	lines := strings.Split(strings.TrimRight(ts.ReadFile("stdout"), "\n"), "\n")
	last := lines[len(lines)-1]
	matched, err := regexp.MatchString(args[0], last)
	ts.Check(err)
	if matched == neg {
		ts.Fatalf("the last line is %q", last)
	}
}

// freeport NAME puts an address of this machine that nobody listens on into the environment.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	ts.Check(l.Close())
}

// fetch ADDRESS PATH [HOST] is a program: it writes what a server answers, or its status. An address with a / is a socket.
func fetch() {
	network := "tcp"
	if strings.Contains(os.Args[1], "/") {
		network = "unix"
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, os.Args[1])
	}}}
	host := "127.0.0.1"
	if len(os.Args) > 3 {
		host = os.Args[3]
	}
	resp, err := client.Get("http://" + host + os.Args[2])
	if err != nil || resp.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, resp, err)
		syscall.Exit(1)
	}
	_, _ = io.Copy(os.Stdout, resp.Body) // what is missing fails the script
}

// rot FOLDER STREAM turns one bit around in the middle of what a data folder holds of a stream.
func rot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: rot FOLDER STREAM")
	}
	blocks, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "jetstream", "$G", "streams", args[1], "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		ts.Fatalf("no blocks of %s: %v", args[1], err)
	}
	data, err := os.ReadFile(blocks[0])
	ts.Check(err)
	data[len(data)/2] ^= 4
	ts.Check(os.WriteFile(blocks[0], data, 0o600))
}
