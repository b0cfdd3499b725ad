package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pintle-hub/pintle/core/broker"
)

// socketRoom is how long the path of a socket may be on the systems we know.
const socketRoom = 100

// log looks at where events are kept.
func (x *examiner) log(ctx context.Context) {
	if x.external() {
		x.servers(ctx)
		return
	}
	dir := x.Settings.DataDir
	if dir == "" {
		return
	}
	if _, err := os.Stat(filepath.Join(dir, "jetstream")); err != nil {
		x.ok("log", "embedded; it will be made at the first start, and every batch is synced to disk before it is acknowledged")
		return
	}
	x.ok("log", fmt.Sprintf("embedded, %s stored; every batch is synced to disk before it is acknowledged", bytes(stored(dir))))
}

// servers looks at an external cluster.
func (x *examiner) servers(ctx context.Context) {
	url := x.Settings.Broker.String()
	p, err := broker.Probe(ctx, x.Settings.Broker.URL)
	if err != nil {
		x.fail(Finding{Check: "log.reach", Seen: "no server at " + url + " answers: " + err.Error(), Why: "nothing can be accepted while the log is away",
			Mend: "look whether the servers run and whether this machine reaches them; nats --server " + url + " rtt"})
		return
	}
	x.ok("log.reach", fmt.Sprintf("%s answers, version %s", cmpOr(p.Server, url), p.Version))
	x.versions(p)
	if p.JetStream != nil {
		x.fail(Finding{Check: "log.jetstream", Seen: p.JetStream.Error(), Why: "the log is made of its streams", Mend: "jetstream { store_dir: ... } in the servers' configuration, and enabled for our account"})
		return
	}
	x.synced(p)
	if p.MaxPayload < p.NeedPayload {
		x.fail(Finding{Check: "log.payload", Seen: fmt.Sprintf("messages of %d bytes at most", p.MaxPayload), Why: "a batch may be larger", Mend: fmt.Sprintf("max_payload: %d in the servers' configuration", p.NeedPayload)})
	}
	x.replicas(p)
}

func (x *examiner) versions(p broker.Probed) {
	all := p.Servers
	if len(all) == 0 {
		all = []broker.Server{{Name: p.Server, Version: p.Version}}
	}
	for _, s := range all {
		if trouble := broker.VersionTrouble(s.Version); trouble != "" {
			x.fail(Finding{Check: "log.version", Seen: fmt.Sprintf("%s runs NATS %s", cmpOr(s.Name, "a server"), s.Version), Why: trouble,
				Mend: "run 2.14.9, or 2.15.1 and later, on all servers"})
			return
		}
	}
	x.ok("log.version", "no server that told its version runs one that is known to lose messages")
}

func (x *examiner) synced(p broker.Probed) {
	why := "a server that answers before it has written loses acknowledged events in a power cut"
	mend := "jetstream { sync_interval: always } on each server"
	if len(p.Servers) == 0 {
		x.warn(Finding{Check: "log.sync", Seen: "it cannot be seen whether the servers sync before they answer", Why: why,
			Mend: mend + "; to let it be seen, import $SYS.REQ.SERVER.PING.JSZ from the system account"})
		return
	}
	for _, s := range p.Servers {
		if !s.SyncAlways {
			x.fail(Finding{Check: "log.sync", Seen: s.Name + " answers before it has written", Why: why, Mend: mend})
			return
		}
	}
	x.ok("log.sync", "all of "+count(len(p.Servers), "server")+" sync before they answer")
}

func (x *examiner) replicas(p broker.Probed) {
	wanted := max(x.Settings.Broker.Replicas, 1)
	for _, s := range p.Streams {
		if s.Replicas != wanted {
			x.warn(Finding{Check: "log.replicas", Seen: fmt.Sprintf("stream %s has %d copies, the configuration says %d", s.Stream, s.Replicas, wanted),
				Why: "the hub changes it at its next start", Mend: "say in pintle { broker { replicas = ... } } what is meant"})
			return
		}
	}
	if wanted < 3 && len(p.Servers) > 1 {
		x.warn(Finding{Check: "log.replicas", Seen: fmt.Sprintf("%d servers, and each message is on %d", len(p.Servers), wanted),
			Why: "when that server is away nothing can be stored, and when its disk is gone so are the events", Mend: "pintle { broker { replicas = 3 } }"})
		return
	}
	x.ok("log.replicas", fmt.Sprintf("each message is on %s", count(wanted, "server")))
}

// socket says whether the path of the admin socket fits.
func (x *examiner) socket() {
	n := len(x.Socket)
	switch {
	case n < socketRoom:
	case strings.HasPrefix(x.Socket, "/") && hasProc():
		x.ok("hub.socket", fmt.Sprintf("its path has %d bytes, more than a socket address holds; it is reached through /proc", n))
	default:
		x.fail(Finding{Check: "hub.socket", Seen: fmt.Sprintf("the path of the admin socket has %d bytes: %s", n, x.Socket),
			Why: "an address of a socket holds about 100: the hub could not be asked or reloaded", Mend: "set a shorter data_dir"})
	}
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/fd")
	return err == nil
}
