package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/hub"
)

const followHCL = `
pintle {
  data_dir = "./data"
}
source "file" "posts" {
  path   = "posts.jsonl"
  follow = true
  every  = "20ms"
  fields = {
    id   = "id"
    text = "text"
  }
}
sink "file" "out" {
  path   = "out.txt"
  format = "text"
  line   = event.native.id
}
pipeline "p" {
  from = [source.file.posts]
  route "all" {
    to = [sink.file.out]
  }
}
`

// numbered returns lines of JSON with the ids from..to-1.
func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "{\"id\":\"%d\",\"text\":\"zebra %s\"}\n", i, strings.Repeat("x", 300))
	}
	return b.String()
}

// add appends to a file.
func (p place) add(name, content string) {
	p.Helper()
	f, err := os.OpenFile(p.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(content)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		p.Fatal(err)
	}
}

// arrivedInOrder checks that the events 0..n-1 are there, each once, in order.
func (p place) arrivedInOrder(n int) {
	p.Helper()
	got := p.lines("out.txt")
	if len(got) != n {
		p.Errorf("%d events arrived, want %d", len(got), n)
	}
	for i, line := range got {
		if line != fmt.Sprint(i) {
			p.Fatalf("event %d is %q", i, line)
		}
	}
}

// TestTwoHubsOnOneFolder starts three at the same moment: one works, the others say who does and what to do, and have touched
// nothing.
func TestTwoHubsOnOneFolder(t *testing.T) {
	t.Parallel()
	p := newPlace(t, followHCL, map[string]string{"posts.jsonl": numbered(0, 100)})
	var all []*running
	for range 3 {
		all = append(all, p.start())
	}
	var working *running
	await(t, "all but one to give up", func() bool {
		gone := 0
		for _, h := range all {
			select {
			case <-h.done:
				gone++
			default:
				working = h
			}
		}
		return gone >= 2
	})
	for _, h := range all {
		if h == working {
			continue
		}
		if code := h.wait(); code != 3 {
			t.Errorf("exit code %d, want 3", code)
		}
		says(t, "the hub that came too late", h.err.String(), "is in use by another pintle", fmt.Sprintf("(pid %d)", working.cmd.Process.Pid),
			"set another data_dir", "pintle status --data-dir")
	}
	p.add("posts.jsonl", numbered(100, 200))
	working.await("all events", func(s hub.Status) bool { return s.Books.Delivered == 200 })
	working.stop().want(t, 200, 200, 0, 0)
	p.arrivedInOrder(200)
}

// TestProgramsThatAreNoPlugins are told apart from plugins before anything runs, with what they said.
func TestProgramsThatAreNoPlugins(t *testing.T) {
	t.Parallel()
	const hcl = `
plugin "acme" {
  path = %q
}
source "acme" "a" {}
sink "stdout" "out" {}
pipeline "p" {
  from = [source.acme.a]
  route "all" {
    to = [sink.stdout.out]
  }
}
`
	for name, c := range map[string]struct {
		path, script string
		words        []string
	}{
		"ends at once":   {"/bin/true", "", []string{"exited with code 0", "before it was ready", "it printed nothing"}},
		"waits":          {"/bin/cat", "", []string{"did not answer in time", "is it a Pintle plugin?", "it printed nothing"}},
		"makes noise":    {"./noise", "#!/bin/sh\ni=0\nwhile [ $i -lt 3000 ]; do echo \"a | line $i\"; echo \"more noise $i\" >&2; i=$((i+1)); done\nexit 3\n", []string{"exited with code 3", "before it was ready", "2999"}},
		"pretends":       {"./forged", "#!/bin/sh\necho '1|1|unix|/nowhere/at/all|grpc|'\nexec cat\n", []string{"/nowhere/at/all", "no such file or directory"}},
		"fails":          {"./broken", "#!/bin/sh\necho 'acme: no licence' >&2\nexit 7\n", []string{"exited with code 7", "acme: no licence"}},
		"no program":     {"./posts.jsonl", "", []string{"posts.jsonl is not executable", "chmod +x"}},
		"a broken image": {"./image", "\x7fELF and nothing else", []string{"acme"}},
		"not there":      {"./nowhere", "", []string{"there is no file", "build the plugin, or mend path"}},
		"a folder":       {"/tmp", "", []string{"/tmp is a folder"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, fmt.Sprintf(hcl, c.path), map[string]string{"posts.jsonl": ""})
			if c.script != "" {
				p.write(c.path, c.script)
				if err := os.Chmod(p.path(c.path), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			r := p.pintle("run")
			if r.code != 2 {
				t.Errorf("exit code %d, want 2", r.code)
			}
			says(t, "the run", r.err, append([]string{"pintle.hcl:2", `plugin "acme"`}, c.words...)...)
			if n := strings.Count(r.err, "\n"); n > 20 {
				t.Errorf("%d lines of talk about one mistake", n)
			}
			if _, err := os.Stat(p.path("data")); err == nil {
				t.Error("the hub made its data folder, though nothing can run")
			}
		})
	}
}
