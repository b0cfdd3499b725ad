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
	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// manyHCL is one of several sinks of one target. Each has a path of its own, by which the target tells them apart.
const manyHCL = `
sink "http" "%[1]s" {
  url           = "%[2]s/%[1]s"
  allow_private = true
  timeout       = "1s"
}
`

const manySinks = 4

// many is one target of several sinks.
type many struct {
	env    *rig.Env
	target *proxy.Target
	vault  *proxy.Target // with a certificate that has expired
	wire   *proxy.Proxy

	mu    sync.Mutex // guards first
	first map[string]time.Time
}

// hcl is the sinks; vault is where the last of them sends to.
func (m *many) hcl(vault string) (blocks string, names []string) {
	for i := range manySinks {
		name := fmt.Sprintf("w%d", i)
		blocks, names = blocks+fmt.Sprintf(manyHCL, name, "http://"+m.wire.Addr()), append(names, "sink.http."+name)
	}
	return fmt.Sprintf(sinkHCL, sinkRate, blocks+fmt.Sprintf(manyHCL, "vault", vault), strings.Join(append(names, "sink.http.vault"), ", ")), names
}

func openMany(e *rig.Env) (m *many, err error) {
	m = &many{env: e, first: map[string]time.Time{}}
	certificate, err := proxy.Certificate(time.Now().Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	decide := keeps(proxy.Answer{Status: 204})
	if m.target, err = proxy.Serve(nil, func(r proxy.Request) proxy.Answer { m.seen(r); return decide(r) }); err != nil {
		return nil, err
	}
	if m.vault, err = proxy.Serve(certificate, decide); err != nil {
		return nil, errors.Join(err, m.target.Close())
	}
	if m.wire, err = proxy.Listen(m.target.Addr()); err != nil {
		return nil, errors.Join(err, m.target.Close(), m.vault.Close())
	}
	return m, nil
}

func (m *many) close() error { return errors.Join(m.wire.Close(), m.target.Close(), m.vault.Close()) }

// seen notes when each sink came first since the last call of forget.
func (m *many) seen(r proxy.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.first[r.Path]; !ok {
		m.first[r.Path] = r.At
	}
}

// returns gives the times at which the sinks came first, in order, and forgets them.
func (m *many) returns() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	var times []time.Time
	for _, at := range m.first {
		times = append(times, at)
	}
	m.first = map[string]time.Time{}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// runMany lets the target of four sinks fail, whose return must not be a stampede, beside a sink whose target has an expired
// certificate until a reload sends it elsewhere.
func runMany(ctx context.Context, e *rig.Env, cycles int) (err error) {
	m, err := openMany(e)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = e.Quiesce(ctx)
		}
		err = errors.Join(err, m.close())
	}()
	hcl, names := m.hcl(m.vault.URL())
	e.Pipelines = map[string][]string{"p": {"a"}}
	err = errors.Join(e.Configure(hcl), e.Route("a", ledger.Route{Sinks: []string{"one"}, Window: rig.Window}), e.Start(ctx))
	if err != nil {
		return err
	}
	vault := &downtime{env: e, address: "sink.http.vault", cause: "certificate has expired"}
	if err := vault.noticed(ctx); err != nil {
		return fmt.Errorf("expired certificate: %w", err)
	}
	for range cycles {
		if err := m.stampede(ctx, names); err != nil {
			return err
		}
	}
	vault.mend = func() error {
		hcl, _ := m.hcl("http://" + m.target.Addr())
		return e.Configure(hcl)
	}
	vault.broken = true // a reload is what mends it
	return vault.back(ctx, "a certificate that had expired")
}

func (m *many) stampede(ctx context.Context, names []string) error {
	for _, address := range names {
		d := &downtime{env: m.env, address: address}
		if err := d.flows(ctx); err != nil {
			return err
		}
	}
	if err := m.wire.Set(proxy.Fault{Refuse: true}); err != nil {
		return err
	}
	for _, address := range names {
		d := &downtime{env: m.env, address: address, cause: "connection refused"}
		if err := d.noticed(ctx); err != nil {
			return err
		}
	}
	if err := m.env.Sleep(ctx, 5*time.Second); err != nil {
		return err
	}
	m.returns()
	if err := m.wire.Set(proxy.Fault{}); err != nil {
		return err
	}
	most := 0
	mended := time.Now()
	err := m.env.Await(ctx, 20*time.Second, "all sinks to come back", func() error {
		most = max(most, m.wire.Open())
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.first) < manySinks {
			return fmt.Errorf("%d of %d came back", len(m.first), manySinks)
		}
		return nil
	})
	if err != nil {
		return err
	}
	times := m.returns()
	m.env.Say("%d sinks came back %s to %s after the target, over at most %d connections", manySinks, times[0].Sub(mended).Round(time.Millisecond),
		times[len(times)-1].Sub(mended).Round(time.Millisecond), most)
	if spread := times[len(times)-1].Sub(times[0]); spread < 50*time.Millisecond {
		return fmt.Errorf("all sinks came back within %s: what fails together must not return together", spread)
	}
	if most > 4*manySinks {
		return fmt.Errorf("%d connections at the return, want at most %d", most, 4*manySinks)
	}
	return nil
}
