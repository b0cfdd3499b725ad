package proxy_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo returns the address of a server that sends back what it gets and closes when the other side has.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func start(t *testing.T, f proxy.Fault) *proxy.Proxy {
	t.Helper()
	p, err := proxy.Listen(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	set(t, p, f)
	return p
}

func set(t *testing.T, p *proxy.Proxy, f proxy.Fault) {
	t.Helper()
	if err := p.Set(f); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, p *proxy.Proxy) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// send writes text, ends its direction and returns what came back.
func send(t *testing.T, c *net.TCPConn, text string) (string, error) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		return "", err
	}
	if err := c.CloseWrite(); err != nil {
		return "", err
	}
	back, err := io.ReadAll(c)
	return string(back), err
}

func TestPassesEverythingOnWithoutAFault(t *testing.T) {
	p := start(t, proxy.Fault{})
	want := strings.Repeat("every byte as it came\n", 20_000)
	got, err := send(t, connect(t, p), want)
	if err != nil || got != want {
		t.Errorf("%d bytes came back (%v), want the %d that were sent", len(got), err, len(want))
	}
}

func TestLatencyDelaysAndDoesNotEatThroughput(t *testing.T) {
	p := start(t, proxy.Fault{Down: proxy.Flow{Latency: 150 * time.Millisecond, Jitter: 20 * time.Millisecond}})
	began := time.Now()
	want := strings.Repeat("x", 1<<20) // 64 pieces: one after the other they would take ten seconds
	got, err := send(t, connect(t, p), want)
	if took := time.Since(began); err != nil || got != want || took < 150*time.Millisecond || took > 3*time.Second {
		t.Errorf("%d bytes after %s (%v), want all after 0.15 s and a little", len(got), took, err)
	}
}

func TestRateLimits(t *testing.T) {
	p := start(t, proxy.Fault{Up: proxy.Flow{Rate: 100_000}})
	began := time.Now()
	if _, err := send(t, connect(t, p), strings.Repeat("x", 30_000)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 250*time.Millisecond {
		t.Errorf("30 kB took %s at 100 kB/s, want 0.3 s", took)
	}
}

func TestRefusesAndComesBackAtTheSameAddress(t *testing.T) {
	p := start(t, proxy.Fault{})
	open := connect(t, p)
	set(t, p, proxy.Fault{Refuse: true})
	if _, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connecting said %v, want connection refused", err)
	}
	if _, err := send(t, open, "hello"); err == nil {
		t.Error("a connection outlived the process that it leads to")
	}
	set(t, p, proxy.Fault{})
	if got, err := send(t, connect(t, p), "hello"); err != nil || got != "hello" {
		t.Errorf("after the return: %q, %v", got, err)
	}
}

func TestResets(t *testing.T) {
	for name, f := range map[string]proxy.Fault{
		"at once":            {Reset: true},
		"after bytes up":     {Up: proxy.Flow{Cut: 5}},
		"after bytes coming": {Down: proxy.Flow{Cut: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", start(t, f).Addr())
			if err != nil && f.Reset {
				return // it was quicker than the system's own answer
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = c.Write([]byte("hello world"))
			got, err := io.ReadAll(c)
			if err == nil || len(got) > 5 {
				t.Errorf("read %q, %v; want an error after at most 5 bytes", got, err)
			}
		})
	}
}

func TestHalfCloseEndsOneDirection(t *testing.T) {
	p := start(t, proxy.Fault{Down: proxy.Flow{HalfClose: 5}})
	c := connect(t, p)
	if _, err := c.Write([]byte("hello world")); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || string(got) != "hello" {
		t.Errorf("read %q, %v; want hello and an orderly end", got, err)
	}
	if _, err := c.Write([]byte("still heard")); err != nil {
		t.Errorf("the other direction has ended too: %v", err)
	}
}

func TestBlackholeHoldsBackUntilItEnds(t *testing.T) {
	p := start(t, proxy.Fault{Down: proxy.Flow{Blackhole: true}})
	c := connect(t, p)
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("something came out of the black hole: %v", err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	set(t, p, proxy.Fault{})
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hello" {
		t.Errorf("after it: %q, %v", buf, err)
	}
}

func TestCorruptFlipsEachSoManyth(t *testing.T) {
	p := start(t, proxy.Fault{Up: proxy.Flow{Corrupt: 1000}})
	sent := bytes.Repeat([]byte{'a'}, 50_500)
	got, err := send(t, connect(t, p), string(sent))
	if err != nil || len(got) != len(sent) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if n := strings.Count(got, "`"); n != 50 || got[999] != '`' {
		t.Errorf("%d bytes were flipped, want 50, the first at 999", n)
	}
}

func TestBreakResetsWhatIsOpen(t *testing.T) {
	p := start(t, proxy.Fault{})
	c := connect(t, p)
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil { // it is through: the link exists
		t.Fatal(err)
	}
	if p.Open() != 1 {
		t.Errorf("%d connections are open, want 1", p.Open())
	}
	p.Break()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read says %v, want a reset", err)
	}
	if got, err := send(t, connect(t, p), "hello"); err != nil || got != "hello" {
		t.Errorf("the next connection: %q, %v", got, err)
	}
}
