package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Probed is what can be seen of external servers without changing anything on them.
type Probed struct {
	// Server and Version are of the server that answered first.
	Server, Version string
	// MaxPayload is the largest message it takes, NeedPayload the largest that we send, in bytes.
	MaxPayload, NeedPayload int64
	// Servers are all that told their settings; empty when our account may not ask.
	Servers []Server
	// JetStream is nil when our account may use it.
	JetStream error
	// Streams are those of ours that are there.
	Streams []ProbedStream
}

// Server is what one server of a cluster says of itself.
type Server struct {
	Name, Version string
	SyncAlways    bool // it writes to disk before it answers
}

// ProbedStream is one of our streams on a cluster.
type ProbedStream struct {
	Stream   Stream
	Replicas int
	MaxBytes int64
}

// probeWait bounds each request of Probe.
const probeWait = 5 * time.Second

// Probe connects to the servers at url and looks around. It is for diagnosis, beside a hub or without one.
func Probe(ctx context.Context, url string) (Probed, error) {
	nc, err := nats.Connect(url, nats.Name("pintle doctor"), nats.Timeout(probeWait), nats.MaxReconnects(0))
	if err != nil {
		return Probed{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer nc.Close()
	p := Probed{Server: nc.ConnectedServerName(), Version: nc.ConnectedServerVersion(), MaxPayload: nc.MaxPayload(),
		NeedPayload: DefaultMaxMessage + headroom}
	if servers, err := askServers(ctx, nc); err == nil {
		p.Servers = servers
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(probeWait))
	if err != nil {
		return p, err
	}
	if _, err := js.AccountInfo(ctx); err != nil {
		p.JetStream = err
		return p, nil
	}
	for _, s := range Streams() {
		handle, err := js.Stream(ctx, string(s))
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return p, fmt.Errorf("look at stream %s: %w", s, err)
		}
		c := handle.CachedInfo().Config
		p.Streams = append(p.Streams, ProbedStream{s, c.Replicas, c.MaxBytes})
	}
	return p, nil
}

// serversWait is how long servers may take to say something of themselves.
const serversWait = 500 * time.Millisecond

// askServers asks each server for its settings. Only an account that imports the service from the system account gets an
// answer.
func askServers(ctx context.Context, nc *nats.Conn) ([]Server, error) {
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer sub.Unsubscribe()
	if err := nc.PublishRequest("$SYS.REQ.SERVER.PING.JSZ", inbox, nil); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, serversWait)
	defer cancel()
	for servers := []Server(nil); ; {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil && len(servers) > 0 {
			return servers, nil // no further server answers
		}
		if err != nil {
			return nil, err
		}
		s, err := decodeServer(m.Data)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
}

func decodeServer(text []byte) (Server, error) {
	var answer struct {
		Server struct {
			Name    string `json:"name"`
			Version string `json:"ver"`
		} `json:"server"`
		Data *struct {
			Config struct {
				SyncAlways bool `json:"sync_always"`
			} `json:"config"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Data == nil {
		return Server{}, fmt.Errorf("unexpected answer of %d bytes", len(text))
	}
	return Server{answer.Server.Name, answer.Server.Version, answer.Data.Config.SyncAlways}, nil
}

// VersionTrouble says why a version of the server must not be used, "" when it may.
func VersionTrouble(version string) string {
	var major, minor, patch int
	if n, _ := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); n < 3 {
		return "it is not known"
	}
	at := []int{major, minor, patch}
	switch {
	case slices.Compare(at, []int{2, 14, 0}) < 0:
		return "it is too old: acknowledged messages were lost in it after a power cut"
	case slices.Compare(at, []int{2, 14, 9}) < 0, slices.Equal(at, []int{2, 15, 0}):
		return "its compaction lost or skipped acknowledged messages"
	}
	return ""
}
