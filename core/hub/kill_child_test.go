package hub_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// hubEnv names the folder of the configuration that this binary, started with it, runs as a hub until that is idle.
const hubEnv = "PINTLE_TEST_HUB"

// hubProcess is a hub in a process of its own, to be killed. At its end it prints its status as JSON.
func hubProcess() int {
	dir := os.Getenv(hubEnv)
	go func() { // ends with the test, however that ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	status, err := runHubIn(dir)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(status)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runHubIn(dir string) (status hub.Status, err error) {
	source, err := os.ReadFile(filepath.Join(dir, "hub.hcl"))
	if err != nil {
		return status, err
	}
	plan, err := loadPlan(dir, string(source))
	if err != nil {
		return status, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return status, err
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return status, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	h, err := hub.Open(ctx, hub.Options{Plan: plan, UntilIdle: true,
		Logger:  hclog.New(&hclog.LoggerOptions{Output: log, Level: hclog.Debug}),
		Bundled: bundled(self)})
	if err != nil {
		return status, err
	}
	err = h.Run(ctx)
	status = h.Status(context.Background())
	return status, errors.Join(err, h.Close())
}

// notePid leaves a file in the folder pids of the working directory, which is that of the configuration, if there is one.
func notePid(kind string) error {
	err := os.WriteFile(filepath.Join("pids", fmt.Sprintf("%s-%d", kind, os.Getpid())), nil, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// passGate waits until the number in the file is not below n. An absent file stops nobody.
func passGate(ctx context.Context, file string, n int) error {
	for file != "" {
		text, err := os.ReadFile(file)
		if allowed, _ := strconv.Atoi(string(text)); err != nil || allowed >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

type callsConfig struct {
	Until string        `pintle:"until,required"` // a file that ends it
	Pause time.Duration `pintle:"pause"`
	Acked string        `pintle:"acked,required"` // a file with a line for each call that was acknowledged
}

// calls is a channel that forgets what was acknowledged: it emits what comes after the last line of its own file, whatever the
// hub's position is.
type calls struct{ callsConfig }

func (c calls) Run(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
	if err := dropTornLine(c.Acked); err != nil {
		return err
	}
	f, err := os.OpenFile(c.Acked, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for n := lastAcked(c.Acked) + 1; !exists(c.Until) && ctx.Err() == nil; n++ {
		e := sdk.Event{ID: fmt.Sprintf("c%07d", n), Key: "k", Feedback: &sdk.Feedback{Text: "a call"}}
		if err := out.Emit(ctx, nil, e); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(f, n); err != nil {
			return err
		}
		if pass(ctx, c.Pause, "") != nil {
			break
		}
	}
	return nil
}

// lastAcked reads the last line of a file of numbers.
func lastAcked(path string) int {
	b, _ := os.ReadFile(path)
	lines := strings.Fields(string(b))
	if len(lines) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(lines[len(lines)-1])
	return n
}

// openGate lets the sources with the gate in dir pass up to number to.
func openGate(t *testing.T, dir string, to int) {
	t.Helper()
	gate := filepath.Join(dir, "gate")
	if err := os.WriteFile(gate+".new", []byte(strconv.Itoa(to)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(gate+".new", gate); err != nil {
		t.Fatal(err)
	}
}

// pass waits for the delay, and as long as the file exists.
func pass(ctx context.Context, delay time.Duration, file string) error {
	for delay > 0 || exists(file) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(cmp.Or(delay, 5*time.Millisecond)):
			delay = 0
		}
	}
	return nil
}

// dieOnce ends the process, once for each of the files.
func dieOnce(files []string) {
	for _, file := range files {
		if !exists(file) {
			_ = os.WriteFile(file, nil, 0o600)
			leave(5)
		}
	}
}

// dropTornLine cuts off the half of a line that a killed writer may have left: nobody was told that it was written.
func dropTornLine(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || len(b) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Truncate(path, int64(bytes.LastIndexByte(b, '\n')+1))
}

// hubChild is a hub in a process of its own.
type hubChild struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout bytes.Buffer
	stderr bytes.Buffer
}

// startHub starts a hub on the configuration in dir.
func startHub(t *testing.T, dir string) *hubChild {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &hubChild{cmd: exec.Command(self)}
	c.cmd.Env = append(os.Environ(), hubEnv+"="+dir)
	c.cmd.Dir = dir
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	return c
}

// kill ends the hub as kill -9 does.
func (c *hubChild) kill() {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait() // "signal: killed"
	}
}

// status waits for the hub to end by itself and returns what it said.
func (c *hubChild) status(t *testing.T) (s hub.Status) {
	t.Helper()
	stuck := time.AfterFunc(2*time.Minute, func() { _ = c.cmd.Process.Kill() })
	defer stuck.Stop()
	if err := c.cmd.Wait(); err != nil {
		t.Fatalf("the hub ended with %v: %s", err, c.stderr.String())
	}
	if err := json.Unmarshal(c.stdout.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// alive lists the processes that work in dir, those that are dead and not yet reaped left out.
func alive(t *testing.T, dir string) (pids []int) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && strings.HasPrefix(cwd, dir) { // a dead one has no cwd
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// pluginsOf lists the living plugins of a kind.
func pluginsOf(t *testing.T, dir, kind string) (pids []int) {
	t.Helper()
	for _, pid := range alive(t, dir) {
		if exists(filepath.Join(dir, "pids", fmt.Sprintf("%s-%d", kind, pid))) {
			pids = append(pids, pid)
		}
	}
	return pids
}
