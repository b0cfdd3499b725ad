package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/pintle-hub/pintle/core/broker"
)

// freePorts returns ports that nobody listens on now.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// cluster starts three servers; the map is from server name to process.
func cluster(t *testing.T) (url string, servers map[string]*child) {
	t.Helper()
	routes := freePorts(t, 3)
	servers = map[string]*child{}
	var urls []string
	for i, port := range routes {
		name := fmt.Sprintf("n%d", i)
		rest := fmt.Sprintf("server_name: %s\ncluster { name: c, listen: \"127.0.0.1:%d\", routes: [", name, port)
		for _, other := range routes {
			rest += fmt.Sprintf("\"nats://127.0.0.1:%d\",", other)
		}
		servers[name] = spawn(t, "server", config(t, -1, t.TempDir(), "always", rest+"] }"))
		urls = append(urls, servers[name].line())
	}
	return strings.Join(urls, ","), servers
}

// leader asks which server leads the events.
func leader(t *testing.T, url string) string {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	m, err := nc.Request("$JS.API.STREAM.INFO.EV", nil, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var info struct{ Cluster struct{ Leader string } }
	if err := json.Unmarshal(m.Data, &info); err != nil {
		t.Fatal(err)
	}
	return info.Cluster.Leader
}

func TestClusterKeepsWhatItAcknowledgedOverALeadersDeath(t *testing.T) {
	t.Parallel()
	url, servers := cluster(t)
	var b *broker.Broker
	until(t, func() bool { // the three need a moment to find each other
		var err error
		b, err = broker.Open(t.Context(), broker.Config{URL: url, Replicas: 3, Timeout: time.Second})
		return err == nil
	})
	defer closeLog(t, b)
	w, r := writer(t, b), read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}})
	for i := range 50 {
		if i == 20 {
			servers[leader(t, url)].kill()
		}
		until(t, func() bool {
			_, err := w.Append(t.Context(), fmt.Append(nil, i))
			if err != nil && !errors.Is(err, broker.ErrUnavailable) {
				t.Fatal(err)
			}
			return err == nil
		})
	}
	for i, got := range take(t, r, 50) {
		if got != fmt.Sprint(i) {
			t.Errorf("message %d is %q", i, got)
		}
	}
	other, err := b.Writer(context.Background(), broker.Events, "ev.0.a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Append(t.Context(), []byte("other")); err != nil {
		t.Error(err)
	}
	if _, err := w.Append(t.Context(), []byte("mine")); !errors.Is(err, broker.ErrFenced) {
		t.Errorf("the writer that is behind: %v, want ErrFenced", err)
	}
	if e, err := b.Get(t.Context(), broker.Events, 51); err != nil || string(e.Data) != "other" {
		t.Errorf("get: %q, %v", e.Data, err)
	}
}
