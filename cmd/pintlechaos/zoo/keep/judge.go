package keep

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// Pace is how the good route did for a while.
type Pace struct {
	Events int
	For    time.Duration
	P99    time.Duration
}

// Rate is in events a second.
func (p Pace) Rate() float64 { return float64(p.Events) / p.For.Seconds() }

// watch measures the good route for a while.
func (s *Show) watch(ctx context.Context, d time.Duration) Pace {
	path := s.out("good")
	info, err := os.Stat(path)
	if err != nil {
		return Pace{For: d}
	}
	began := time.Now()
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	p := Pace{For: time.Since(began)}
	b, err := os.ReadFile(path)
	if err != nil || int64(len(b)) < info.Size() {
		return p
	}
	var late []int
	for line := range strings.Lines(string(b[info.Size():])) {
		_, us, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(us); err == nil {
			late = append(late, n)
		}
	}
	slices.Sort(late)
	if p.Events = len(late); p.Events > 0 {
		p.P99 = time.Duration(late[len(late)*99/100]) * time.Microsecond
	}
	return p
}

// misbehave lets all animals be bad for a while and watches the hub and the good route.
func (s *Show) misbehave(ctx context.Context, h *process, r *Report) {
	for _, c := range s.Cages {
		if err := s.set(c, c.Mode.Name); err != nil {
			r.fault("%v", err)
		}
	}
	cpu, began := h.cpu(), time.Now()
	r.During = s.watch(ctx, s.Bad)
	r.CPU = (h.cpu() - cpu).Seconds() / time.Since(began).Seconds()
	r.RSS = h.peak.Load()
	if !h.alive() {
		r.fault("the hub is dead")
		return
	}
	s.checkTold(ctx, r)
	slack := cmp.Or(s.Slack, 1)
	if r.During.Rate() < r.Before.Rate()/2/slack {
		r.fault("the good route has %.0f events/s, %.0f before", r.During.Rate(), r.Before.Rate())
	}
	if most := time.Duration(slack * float64(max(2*r.Before.P99, 2*time.Second))); r.During.P99 > most {
		r.fault("the good route has a p99 of %s, %s before", r.During.P99, r.Before.P99)
	}
	if most := r.RSSBefore + 400<<20; r.RSS > most {
		r.fault("the hub held %d MiB, %d before", r.RSS>>20, r.RSSBefore>>20)
	}
}

// checkTold waits until status says of every cage what it should, and looks at the books each time.
func (s *Show) checkTold(ctx context.Context, r *Report) {
	r.Told = make(map[string]string)
	quiet := func(c Cage) bool {
		return len(c.Mode.Tells) > 0 && !slices.ContainsFunc(c.Mode.Tells, func(w string) bool { return strings.Contains(r.Told[c.Name()], w) })
	}
	err := s.waitUntil(ctx, s.Told, "status tells of all", func(st hub.Status) string {
		s.checkBooks(st, r)
		for _, c := range s.Cages {
			r.Told[c.Name()] = complaint(st, c.Name())
		}
		if i := slices.IndexFunc(s.Cages, quiet); i >= 0 {
			return fmt.Sprintf("%s: it says %q, want one of %q", s.Cages[i].Name(), r.Told[s.Cages[i].Name()], s.Cages[i].Mode.Tells)
		}
		return ""
	})
	if err != nil {
		r.fault("%v", err)
	}
	for name, told := range r.Told {
		if len(told) > 16<<10 {
			r.fault("%s: status says %d bytes", name, len(told))
		}
	}
}

func (s *Show) checkBooks(st hub.Status, r *Report) {
	for _, p := range st.Pipelines {
		if !p.Books.Balanced() {
			r.fault("%s: the books do not balance: %+v", p.Name, p.Books)
		}
	}
}

// complaint is the worst that status says of a cage: the block's state and error.
func complaint(st hub.Status, name string) string {
	var all []string
	add := func(address string, r flow.Report) {
		if r.Error != "" {
			all = append(all, fmt.Sprintf("%s %s: %s", address, r.State, r.Error))
		}
	}
	for _, x := range st.Sources {
		if strings.HasSuffix(x.Address, "."+name) {
			add(x.Address, x.Report)
		}
	}
	for _, p := range st.Pipelines {
		if p.Name != name {
			continue
		}
		add("pipeline", p.Report)
		for _, h := range p.Hops {
			add("analyzer", h.Report)
		}
		for _, k := range p.Sinks {
			add(k.Address, k.Report)
		}
	}
	return strings.Join(all, "; ")
}

// behave makes all animals good again and waits until everything flows. What was given up is started again by a reload.
func (s *Show) behave(ctx context.Context, h *process, r *Report) {
	for _, c := range s.Cages {
		if err := s.set(c, zoo.Good); err != nil {
			r.fault("%v", err)
		}
	}
	began := time.Now()
	before, err := s.status(ctx)
	if err != nil {
		r.fault("status: %v", err)
		return
	}
	if err := s.reload(ctx); err != nil {
		r.fault("reload: %v", err)
	}
	if err := s.waitUntil(ctx, s.Again, "everything flows again", func(st hub.Status) string { return flowing(st, &before) }); err != nil {
		r.fault("%v", err)
	}
	r.Back = time.Since(began)
}

// flowing says which pipelines do not flow: nothing has left them since before.
func flowing(st hub.Status, before *hub.Status) string {
	var stuck []string
	for _, p := range st.Pipelines {
		var was uint64
		if before != nil {
			for _, o := range before.Pipelines {
				if o.Name == p.Name {
					was = o.Books.Delivered
				}
			}
		}
		if p.Books.Delivered <= was || p.Books.InFlight > 2000 {
			stuck = append(stuck, fmt.Sprintf("%s (%d delivered, %d in flight; %.300s)", p.Name, p.Books.Delivered, p.Books.InFlight, complaint(st, p.Name)))
		}
	}
	return strings.Join(stuck, "\n    ")
}

// checkLedger looks at what the good sink got: every event once, in order.
func (s *Show) checkLedger(r *Report) {
	f, err := os.Open(s.out("good"))
	if err != nil {
		r.fault("%v", err)
		return
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for want := 0; lines.Scan(); want++ {
		id, _, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.Atoi(strings.TrimPrefix(id, "e")); err != nil || n != want {
			r.fault("the good sink got %s, want number %d", id, want)
			return
		}
	}
}

// checkLog looks at what the hub has logged: not too much, and nothing that another has forged.
func (s *Show) checkLog(r *Report) {
	b, err := os.ReadFile(filepath.Join(s.Dir, "hub.log"))
	if err != nil {
		r.fault("%v", err)
		return
	}
	r.LogBytes = int64(len(b))
	if most := int64(len(s.Cages)+1) * 8 << 20; r.LogBytes > most {
		r.fault("the log has %d bytes, at most %d are allowed", r.LogBytes, most)
	}
	for _, bad := range []string{"\x1b[31m", "\x1b]0", "\n2026-01-01T00:00:00Z", "\u202e", "\x07", "\r"} {
		if i := bytes.Index(b, []byte(bad)); i >= 0 {
			r.fault("the log holds %q: %q", bad, b[max(0, i-200):min(len(b), i+100)])
		}
	}
	for line := range bytes.Lines(b) {
		for _, bad := range []string{"panic:", "goroutine ", "bug:"} {
			if bytes.Contains(line, []byte(bad)) && !bytes.Contains(line, []byte(" pintle.plugin.")) && !bytes.HasPrefix(line, []byte("  ")) {
				r.fault("the log holds %q", line[:min(len(line), 300)])
			}
		}
	}
}
