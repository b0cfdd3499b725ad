package httpsink

import (
	"errors"
	"net/netip"
	"syscall"
)

// errPrivate says that a name led to an address that the configuration does not allow.
var errPrivate = errors.New("a private address")

// refusePrivate is the Control function of the dialer: it sees the address after the name was looked up, so that no DNS
// answer can lead into the network.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(ap.Addr()) {
		return errPrivate
	}
	return nil
}

// isPublic reports whether a is an address on the internet, by the special-purpose registries of IANA.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range reserved() {
		if p.Contains(a) {
			return false
		}
	}
	return !hidesPrivate(a)
}

// hidesPrivate reports whether a is the address of a translator or tunnel to an IPv4 address that is not public.
func hidesPrivate(a netip.Addr) bool {
	if !a.Is6() {
		return false
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a): // NAT64
		return !isPublic(netip.AddrFrom4([4]byte(b[12:])))
	case netip.MustParsePrefix("2002::/16").Contains(a): // 6to4
		return !isPublic(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return false
}

// reserved lists what netip.Addr.IsGlobalUnicast and IsPrivate let through and the internet does not route.
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),       // this network
		netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
		netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
		netip.MustParsePrefix("192.0.2.0/24"),    // documentation
		netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"), // documentation
		netip.MustParsePrefix("203.0.113.0/24"),  // documentation
		netip.MustParsePrefix("240.0.0.0/4"),     // reserved
		netip.MustParsePrefix("::/96"),           // IPv4 compatible
		netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64
		netip.MustParsePrefix("100::/64"),        // discard
		netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
		netip.MustParsePrefix("2001:db8::/32"),   // documentation
		netip.MustParsePrefix("3fff::/20"),       // documentation
		netip.MustParsePrefix("5f00::/16"),       // segment routing
		netip.MustParsePrefix("fec0::/10"),       // site local
	}
}
