package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// changeScenarios change what runs, what runs it, and what it runs on.
func changeScenarios() []Scenario {
	return slices.Concat(reloadScenarios(), upgradeScenarios(), clockScenarios(), limitScenarios())
}

func reloadScenarios() []Scenario {
	return []Scenario{
		{Name: "reload", Doc: "the configuration changes while events flow, with mistakes in between, kills and a stuck sink in the middle",
			Short: 8, Full: 50, Run: runReload},
	}
}

// pauseLimit is how long a reload may keep events from a sink.
const pauseLimit = time.Second

// reloading is one run of the scenario.
type reloading struct {
	env    *rig.Env
	shape  shape
	pauses []time.Duration
}

func runReload(ctx context.Context, e *rig.Env, cycles int) error {
	r := &reloading{env: e}
	list := turns(e, cycles)
	e.Pipelines = map[string][]string{"p": {"a", "c"}, "q": {"b"}}
	if err := errors.Join(e.SaveSchedule(list), e.Configure(r.shape.hcl()), r.routes(), e.Start(ctx), e.AwaitFlow(ctx, "one")); err != nil {
		return err
	}
	for i, t := range list {
		if err := r.turn(ctx, t); err != nil {
			return fmt.Errorf("turn %d, %+v: %w\n%s", i, t, err, e.Hub0.Tail(15))
		}
		if err := errors.Join(e.AwaitFlow(ctx, "one"), e.Sample()); err != nil {
			return err
		}
	}
	r.shape.third = true // its books are looked at in the end
	if err := r.take(ctx, false); err != nil {
		return err
	}
	slices.Sort(r.pauses)
	if n := len(r.pauses); n > 0 {
		longest := r.pauses[n-1]
		e.Say("%d reloads: longest pause of a sink p50 %s, p99 %s, most %s", n, r.pauses[n/2].Round(time.Millisecond),
			r.pauses[n*99/100].Round(time.Millisecond), longest.Round(time.Millisecond))
		if float64(longest) > float64(pauseLimit)*e.Slack {
			return fmt.Errorf("a reload kept events from a sink for %s, allowed are %s", longest, pauseLimit)
		}
	}
	return e.AwaitFlow(ctx, "one")
}

func (r *reloading) routes() error {
	e := r.env
	var errs []error
	for _, source := range []string{"a", "c"} {
		errs = append(errs,
			e.Route(source, ledger.Route{Sinks: []string{"one", "two"}, Window: rig.Window, Counted: true}),
			e.RouteAlso(source, ledger.Route{Sinks: []string{"three"}, Mark: "marked", Window: rig.Window, Counted: true}),
			e.RouteAlso(source, ledger.Route{Sinks: []string{"six"}, Window: rig.Window, Maybe: true}))
	}
	return errors.Join(append(errs, e.Insights(20, ledger.Route{Sinks: []string{"four"}, Window: rig.Window}),
		e.Route("b", ledger.Route{Sinks: []string{"five"}, Window: rig.Window}))...)
}

func (r *reloading) turn(ctx context.Context, t turn) error {
	if t.Change < 0 {
		return r.refuse(ctx, mistakes()[t.Mistake], t.Hangup)
	}
	c := changes()[t.Change]
	c.make(&r.shape)
	switch t.Harm {
	case "kill":
		return r.kill(ctx, c.name, time.Duration(t.After)*time.Millisecond)
	case "stuck":
		return r.stuck(ctx, c.name)
	}
	done := r.watch()
	err := r.take(ctx, t.Hangup)
	if err == nil {
		err = errors.Join(r.env.AwaitFlow(ctx, "one"), r.env.AwaitFlow(ctx, "five"))
	}
	pause := done()
	r.pauses = append(r.pauses, pause)
	r.env.Say("reload: %s, pause %s", c.name, pause.Round(time.Millisecond))
	return err
}

// take gives the hub the shape as it is now, which it must take.
func (r *reloading) take(ctx context.Context, hangup bool) error {
	e := r.env
	if err := e.Configure(r.shape.hcl()); err != nil {
		return err
	}
	if !hangup {
		_, err := e.Hub0.Reload(ctx)
		return err
	}
	before := r.said("configuration reloaded")
	if err := e.Hub0.Hangup(); err != nil {
		return err
	}
	return e.Await(ctx, 20*time.Second, "the reload by SIGHUP", func() error {
		if r.said("configuration reloaded") == before {
			return errors.New("the log does not tell of one")
		}
		return nil
	})
}

func (r *reloading) said(words string) int { return strings.Count(r.env.Hub0.Tail(1<<30), words) }

// refuse gives the hub a configuration with mistakes. It must say all of them, also in its status, and go on in the same
// processes.
func (r *reloading) refuse(ctx context.Context, m mistake, hangup bool) error {
	e := r.env
	if err := r.env.Hub0.AwaitReady(ctx); err != nil {
		return err
	}
	before, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	asked := time.Now()
	if err := e.Configure(m.make(r.shape.hcl())); err != nil {
		return err
	}
	said := ""
	if hangup {
		err = e.Hub0.Hangup()
	} else if _, refused := e.Hub0.Reload(ctx); refused == nil {
		err = fmt.Errorf("%s was taken", m.name)
	} else {
		said = refused.Error()
	}
	if err != nil {
		return err
	}
	return e.Await(ctx, 20*time.Second, "the refusal of "+m.name, func() error {
		now, err := e.Hub0.Status(ctx)
		switch {
		case err != nil:
			return err
		case now.Refused == nil || now.Refused.Time.Before(asked):
			return errors.New("the status does not tell of it")
		case said != "" && said != now.Refused.Error:
			return fmt.Errorf("reload said %q, the status %q", said, now.Refused.Error)
		}
		for _, words := range m.says {
			if !strings.Contains(now.Refused.Error, words) {
				return fmt.Errorf("it says %q, nothing of %q", now.Refused.Error, words)
			}
		}
		was, is := rig.Blocks(before), rig.Blocks(now)
		for address, b := range was {
			if is[address].Pid != b.Pid {
				return fmt.Errorf("%s had process %d and now has %d", address, b.Pid, is[address].Pid)
			}
		}
		return nil
	})
}

// kill ends the hub in the middle of a reload; it comes back with the new configuration.
func (r *reloading) kill(ctx context.Context, what string, after time.Duration) error {
	r.env.Say("reload: %s, kill -9 after %s", what, after)
	if err := r.env.Configure(r.shape.hcl()); err != nil {
		return err
	}
	ctx2, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = r.env.Hub0.Reload(ctx2) }) // it may come to its end or not
	err := r.env.Sleep(ctx, after)
	if err == nil {
		err = r.env.KillHub(ctx, true)
	}
	cancel()
	wg.Wait()
	return err
}

// stuck reloads while a sink does not answer. The others must not wait for it longer than for any reload.
func (r *reloading) stuck(ctx context.Context, what string) error {
	e := r.env
	if err := e.Hub0.AwaitReady(ctx); err != nil {
		return err
	}
	pid, err := e.Hub0.PluginPid(ctx, "sink.take.three")
	if err != nil {
		return err
	}
	e.Say("reload: %s, with a sink that is stuck", what)
	if err := errors.Join(e.Fault("sink.three", "stuck sink", 0), rig.Pause(pid)); err != nil {
		return err
	}
	err = r.take(ctx, false)
	_ = rig.Continue(pid) // it is gone when it was replaced
	return errors.Join(err, e.Heal("sink.three", "stuck sink"), e.Hub0.AwaitReady(ctx))
}

// watch measures until the function it returns is called, which returns for how long the sinks one or five got nothing.
func (r *reloading) watch() func() time.Duration {
	stop, result := make(chan struct{}), make(chan time.Duration)
	go func() { // ends with the function
		var longest time.Duration
		last := map[string]time.Time{"one": time.Now(), "five": time.Now()}
		seen := map[string]uint64{}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ended := false; !ended; {
			select {
			case <-stop:
				ended = true
			case <-tick.C:
			}
			now, err := r.env.Ledger.Counts()
			if err != nil {
				break
			}
			for sink, at := range last {
				longest = max(longest, time.Since(at))
				if now.Delivered[sink] != seen[sink] {
					last[sink], seen[sink] = time.Now(), now.Delivered[sink]
				}
			}
		}
		result <- longest
	}()
	return func() time.Duration { close(stop); return <-result }
}
