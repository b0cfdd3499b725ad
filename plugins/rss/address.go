package rss

import (
	"net/netip"
	"syscall"

	"github.com/pintle-hub/pintle/sdk"
)

// refusePrivate is a net.Dialer's Control: it sees the address that a name led to, right before the connection is made, so
// that no answer of a name server and no redirect gets by.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(at.Addr()) {
		return sdk.Errorf(sdk.Denied, "the address of the feed is on this machine or in a private network; "+
			"set allow_private = true if that is meant")
	}
	return nil
}

// isPublic reports whether an address belongs to the public internet.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range special() {
		if netip.MustParsePrefix(p).Contains(a) {
			return false
		}
	}
	return true
}

// special lists the blocks of IANA's special-purpose registries that are not reachable from everywhere, or that lead to IPv4
// addresses by another way.
func special() []string {
	return []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
		"5f00::/16", "fec0::/10",
	}
}
