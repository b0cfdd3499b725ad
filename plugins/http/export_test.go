package httpsink

import (
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// OpenGuarded opens a sink that takes every address for public but those of host, so that the guard can be tested without a
// network.
func OpenGuarded(config []byte, host string) (sdk.Sink, error) {
	var c Config
	if err := sdk.DecodeConfig(config, &c); err != nil {
		return nil, err
	}
	return openGuarded(c, func(network, address string, raw syscall.RawConn) error {
		if ap, err := netip.ParseAddrPort(address); err == nil && ap.Addr().String() != host {
			return nil
		}
		return refusePrivate(network, address, raw)
	})
}

// IsPublic is isPublic.
func IsPublic(a netip.Addr) bool { return isPublic(a) }

// Sign returns the signature of a body.
func Sign(secret, id, body string, at time.Time) (string, error) {
	key, err := Config{Secret: sdk.NewSecret(secret)}.signingKey()
	h := make(http.Header)
	(&client{key: key}).sign(h, message{id: id, body: []byte(body)}, at)
	return h.Get("Webhook-Signature"), err
}
