package host_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/host"
)

// runHub is the hub that the tests kill: it starts a plugin, says its pid and waits.
func runHub(dir, mode string) error {
	h, err := host.New(host.Config{RunDir: dir})
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := h.Start(context.Background(), host.Program{Name: "probe", Path: self, Args: []string{"__plugin", mode}})
	if err != nil {
		return err
	}
	fmt.Println(p.Pid())
	select {}
}

// killHub runs a hub with a plugin, kills it as the kernel does when memory is short, and returns the plugin's pid.
// meanwhile, if not nil, is done to the plugin before.
func killHub(t *testing.T, dir, mode string, meanwhile func(pid int)) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	hub := exec.Command(self, "__hub", dir, mode)
	hub.Stderr = os.Stderr
	out, err := hub.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		meanwhile(pid)
	}
	if err := hub.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = hub.Wait() // "signal: killed"
	return pid
}

func TestKilledHubLeavesNoOrphan(t *testing.T) {
	awaitGone(t, killHub(t, shortDir(t), "good", nil))
}

// A stopped plugin cannot see the end of its stdin.
func TestKilledHubLeavesNoStoppedOrphan(t *testing.T) {
	awaitGone(t, killHub(t, shortDir(t), "good", func(pid int) { freeze(t, pid) }))
}

// The next hub removes the dead one's folder and ends what still runs from there, and leaves a living hub's alone.
func TestNextHubSweeps(t *testing.T) {
	dir := shortDir(t)
	living := newHost(t, host.Config{RunDir: dir})
	p := start(t, living, "good")
	killHub(t, dir, "detached", nil)
	if n := len(strays(t, dir)); n == 0 {
		t.Fatal("the helper did not survive its hub: the test shows nothing")
	}
	newHost(t, host.Config{RunDir: dir})
	for _, pid := range strays(t, dir) {
		if pid != p.Pid() {
			awaitGone(t, pid)
		}
	}
	if hubs, _ := filepath.Glob(filepath.Join(dir, "*", "hub.lock")); len(hubs) != 2 {
		t.Errorf("run folders: %q", hubs)
	}
	if got := mustAsk(t, p, "echo alive"); got != "alive" {
		t.Errorf("echo = %q", got)
	}
}

// strays finds the processes whose sockets are below dir.
func strays(t *testing.T, dir string) (pids []int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		env, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(env), "PLUGIN_UNIX_SOCKET_DIR="+dir) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestRunFolder(t *testing.T) {
	open := shortDir(t)
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, want string }{
		"too long":           {filepath.Join(shortDir(t), strings.Repeat("d", 90)), "too long for sockets"},
		"others may write":   {open, "chmod it to 0700"},
		"a file":             {os.Args[0], "not a directory"},
		"somebody's symlink": {symlink(t, shortDir(t)), "not a folder of our own"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := host.New(host.Config{RunDir: c.dir})
			if err == nil {
				h.Close()
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want %q", err, c.want)
			}
		})
	}
}

func symlink(t *testing.T, to string) string {
	t.Helper()
	link := filepath.Join(shortDir(t), "l")
	if err := os.Symlink(to, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestDefaultRunFolder(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", filepath.Join(shortDir(t), strings.Repeat("d", 90))) // too long: fall back
	t.Setenv("TMPDIR", shortDir(t))
	h, err := host.New(host.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Start(t.Context(), program(t, "good")); err != nil {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}
