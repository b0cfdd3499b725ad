package host_test

import (
	"context"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/host"
)

func runHub(string) {}

func TestStartCallStop(t *testing.T) {
	j := newJournal()
	h := newHost(t, host.Config{Logger: j.logger()})
	begin := time.Now()
	p := start(t, h, "")
	t.Logf("start took %s", time.Since(begin))
	if got := mustAsk(t, p, "echo hello"); got != "hello" {
		t.Errorf("echo = %q", got)
	}
	mustAsk(t, p, "fmt printed by accident")
	j.await(t, "printed by accident")
	mustAsk(t, p, "log nothing")
	t.Log(j.await(t, "slow answer"))
	begin = time.Now()
	if err := p.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	t.Logf("stop took %s; %s", time.Since(begin), p.Exit())
}
