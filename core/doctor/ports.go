package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"syscall"

	"github.com/pintle-hub/pintle/config"
)

// ports looks whether the addresses that blocks want to listen on are free.
func (x *examiner) ports(ctx context.Context) {
	asked := make(map[string]string) // address by block
	if x.Settings.Metrics != "" {
		asked[x.Settings.Metrics] = "pintle { metrics }"
		x.port(ctx, "port.metrics", x.Settings.Metrics)
	}
	for _, b := range x.blocks() {
		address := listens(b)
		if address == "" {
			continue
		}
		check := "port." + b.Address()
		if other := asked[address]; other != "" {
			x.fail(Finding{Check: check, Seen: other + " wants " + address + " too", Why: "only one of them can listen there", Mend: "give each block a port of its own"})
			continue
		}
		asked[address] = b.Address()
		x.port(ctx, check, address)
	}
}

// listens returns where a block wants to listen, "" for nowhere. It is a convention of sources: an attribute listen.
func listens(b *config.Block) string {
	var c struct {
		Listen string `json:"listen"`
	}
	if b.Kind != config.KindSource || json.Unmarshal(b.Config, &c) != nil {
		return ""
	}
	return c.Listen
}

func (x *examiner) port(ctx context.Context, check, address string) {
	var l net.ListenConfig
	listener, err := l.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		_ = listener.Close()
		x.ok(check, address+" is free")
	case errors.Is(err, syscall.EADDRINUSE) && x.hub != nil:
		x.ok(check, address+" is taken, as it should be while the hub runs")
	case errors.Is(err, syscall.EADDRINUSE):
		_, port, _ := net.SplitHostPort(address)
		x.fail(Finding{Check: check, Seen: address + " is taken by another program", Why: "it cannot be listened on",
			Mend: "find out who has it (ss -ltnp sport = :" + port + ") and stop it, or set another listen"})
	case errors.Is(err, syscall.EACCES):
		x.fail(Finding{Check: check, Seen: address + " is not allowed: ports below 1024 need a right of their own", Why: "it cannot be listened on",
			Mend: "listen on a port above 1023 behind a reverse proxy, or give the right: setcap cap_net_bind_service=+ep /path/to/pintle"})
	default:
		x.fail(Finding{Check: check, Seen: err.Error(), Why: "it cannot be listened on", Mend: "ip address shows which addresses this machine has; 127.0.0.1 and 0.0.0.0 always work"})
	}
}
