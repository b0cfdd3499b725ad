package broker_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or what a test needs as a process of its own, named by the environment variable role.
func TestMain(m *testing.M) {
	roles := map[string]func() error{"server": serve, "writer": writeNumbers}
	run, ok := roles[os.Getenv(role)]
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const role = "PINTLE_BROKER_TEST_ROLE"

// child is this test binary in another role.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer // the child ends when it is closed
	lines *bufio.Scanner
}

// spawn starts a child that ends with the test at the latest.
func spawn(t testing.TB, as string, args ...string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), role+"="+as)
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
	c := &child{cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
	t.Cleanup(c.kill)
	return c
}

// line returns the next line the child prints, "" when it has ended.
func (c *child) line() string {
	if !c.lines.Scan() {
		return ""
	}
	return strings.TrimSpace(c.lines.Text())
}

// kill ends the child as kill -9 does. Idempotent.
func (c *child) kill() {
	c.stdin.Close()
	if c.cmd.ProcessState == nil {
		c.cmd.Process.Kill()
		c.cmd.Wait()
	}
}
