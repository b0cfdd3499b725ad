package host_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/host"
)

func TestLogsReachTheHub(t *testing.T) {
	j := newJournal()
	h := newHost(t, host.Config{Logger: j.logger()})
	p := start(t, h, "good")
	mustAsk(t, p, "log the weather")
	if line := j.await(t, "slow answer"); !strings.Contains(line, "[WARN]  probe: slow answer: module=part what=\"the weather\"") {
		t.Errorf("line = %q", line)
	}
	mustAsk(t, p, "slog the weather")
	if line := j.await(t, "from slog"); !strings.Contains(line, "[ERROR] probe: from slog: what=\"the weather\"") {
		t.Errorf("line = %q", line)
	}
	mustAsk(t, p, "stdlog from log")
	j.await(t, "[INFO]  probe: from log:")
	mustAsk(t, p, "fmt printed by accident")
	j.await(t, "[INFO]  probe: printed by accident: stream=stdout")
}

func TestPluginIsToldTheLevel(t *testing.T) {
	j := newJournal()
	h := newHost(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: j, Level: hclog.Error})})
	p := start(t, h, "good")
	mustAsk(t, p, "log nothing")
	mustAsk(t, p, `print 2 {"@level":"warn","@message":"by another logger"}`)
	mustAsk(t, p, `print 2 {"@level":"error","@message":"the end"}`)
	j.await(t, "the end")
	if got := p.Logs(); got.Lines != 2 || got.Dropped != 0 {
		t.Errorf("logs = %+v, want the two printed lines and none dropped", got)
	}
	if strings.Contains(j.String(), "by another logger") {
		t.Errorf("a line below the level was logged:\n%s", j)
	}
}

func TestNoiseOnStdout(t *testing.T) {
	j := newJournal()
	h := newHost(t, host.Config{Logger: j.logger()})
	p := start(t, h, "noisy") // before the handshake
	j.await(t, "loading, please wait")
	j.await(t, "cut_at_bytes=65536")
	for range 10 { // and after it, more than a pipe holds
		mustAsk(t, p, "print 1 "+strings.Repeat("y", 100<<10))
	}
	mustAsk(t, p, "print 1 1|1|unix|/elsewhere|grpc|") // no second handshake
	j.await(t, "/elsewhere")
	if got := mustAsk(t, p, "echo alive"); got != "alive" {
		t.Errorf("echo = %q", got)
	}
}

func TestOddLogLines(t *testing.T) {
	j := newJournal()
	h := newHost(t, host.Config{Logger: j.logger()})
	p := start(t, h, "good")
	for _, c := range []struct{ line, want string }{
		{`{"@message":5}`, "@message=5"},
		{`{"@message":"one","@level":7,"@timestamp":{}}`, "[INFO]  probe: one: @level=7"},
		{`{"@message":"two","deep":{"list":[1,2]}}`, `probe: two: deep="{\"list\":[1,2]}"`},
		{`{"@message":"three\nfour \u001b[31mred"}`, "probe: three | four [31mred"},
		{`{"broken`, "probe: {\"broken"},
		{"\x1b]0;title\x07plain \xff text", "probe: ]0;titleplain \uFFFD text"},
		{`{"level":"warn","msg":"five"}`, "[WARN]  probe: five"},
		{strings.Repeat("z", 100<<10), "cut_at_bytes=65536"},
		{`{"@message":"` + strings.Repeat("w", 100<<10) + `"}`, `probe: {"@message":"www`},
		{`{"@message":"last"}`, "probe: last"},
	} {
		mustAsk(t, p, "print 2 "+strconv.Quote(c.line))
		j.await(t, c.want)
	}
	if strings.ContainsAny(j.String(), "\x1b\x07") {
		t.Error("control characters reached the log")
	}
}

func TestLogFlood(t *testing.T) {
	t.Parallel()
	j := newJournal()
	h := newHost(t, host.Config{Logger: j.logger(), LogRate: 100})
	p := start(t, h, "good")
	mustAsk(t, p, "flood 10000")
	if got := mustAsk(t, p, "echo alive"); got != "alive" {
		t.Errorf("echo = %q", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	count := p.Logs()
	logged := uint64(strings.Count(j.String(), "probe: again"))
	if count.Lines != 10000 || logged > 2000 || count.Dropped+logged != count.Lines {
		t.Errorf("logs = %+v, %d logged", count, logged)
	}
	j.await(t, "plugin logs too much, lines dropped: dropped=")
	if words := p.Exit().Words; len(words) > 64<<10 || len(words) < 32<<10 {
		t.Errorf("kept %d bytes of last words", len(words))
	}
}

// The flood is read, but no faster than we are willing to pay for: 16 MiB a second, of which the first goes free.
func TestLogFloodIsSlowedDown(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	const lines = 60_000
	began := time.Now()
	mustAsk(t, p, "flood "+strconv.Itoa(lines))
	const limited = lines*len(floodLine) - 2<<20 // some of it is still in the pipe
	if took, least := time.Since(began), time.Duration(limited)*time.Second/(16<<20); took < least {
		t.Errorf("a flood took %s, want at least %s", took, least)
	}
}

// Lines of nothing and a line without an end are floods too: reading them takes time, though nothing of them is logged.
func TestFloodsOfNothingAreSlowedDown(t *testing.T) {
	t.Parallel()
	for name, flood := range map[string]string{"empty lines": "newlines 200000", "an endless line": "endless 18000000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, newHost(t, host.Config{}), "good")
			began := time.Now()
			mustAsk(t, p, flood)
			if took := time.Since(began); took < 800*time.Millisecond {
				t.Errorf("it took %s, want a second", took)
			}
		})
	}
}
