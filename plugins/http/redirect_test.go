package httpsink_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	httpsink "github.com/pintle-hub/pintle/plugins/http"
	"github.com/pintle-hub/pintle/sdk"
)

// redirect answers with a redirect to where to() says.
func redirect(code int, to func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to())
		w.WriteHeader(code)
	}
}

func TestRedirectKeepsTheRequest(t *testing.T) {
	for _, code := range []int{307, 308} {
		srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/old" {
				redirect(code, func() string { return "new" })(w, r)
			}
		})
		s := open(t, srv.URL+"/old", map[string]any{"headers": map[string]string{"Authorization": "Bearer x"}})
		if got := outcomes(write(t, s, batch(t, said("ada")...))); got != "done" {
			t.Errorf("%d: outcome %s, want done", code, got)
		}
		old, moved := srv.requests()[0], srv.requests()[1]
		if moved.path != "/new" || moved.method != "POST" || moved.body != old.body || moved.header.Get("Authorization") != "Bearer x" ||
			moved.header.Get("Idempotency-Key") != old.header.Get("Idempotency-Key") {
			t.Errorf("%d: second request %+v, first %+v", code, moved, old)
		}
	}
}

func TestRedirectToAnotherHostGetsNoCredentials(t *testing.T) {
	other := serve(t, status(http.StatusOK))
	srv := serve(t, redirect(307, func() string { return strings.Replace(other.URL, "http://", "http://u:p@", 1) }))
	s := open(t, srv.URL, map[string]any{"headers": map[string]string{"Authorization": "Bearer x", "X-Api-Key": "y"}})
	if got := outcomes(write(t, s, batch(t, said("ada")...))); got != "done" {
		t.Errorf("outcome %s, want done", got)
	}
	if h := other.requests()[0].header; h.Get("Authorization") != "" || h.Get("X-Api-Key") != "" {
		t.Errorf("the other host got %v", h)
	}
	if other.requests()[0].body != srv.requests()[0].body {
		t.Error("the other host got another body")
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	var here string
	for name, handler := range map[string]http.HandlerFunc{
		"in a circle":       redirect(307, func() string { return here }),
		"turned into a GET": redirect(302, func() string { return here }),
		"see elsewhere":     redirect(303, func() string { return here }),
		"another scheme":    redirect(307, func() string { return "ftp://crm.example/" }),
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, handler)
			here = srv.URL
			r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]
			if r.Outcome != sdk.Fatal {
				t.Errorf("result %+v, want fatal", r)
			}
			if n := len(srv.requests()); n > 4 {
				t.Errorf("%d requests, want one and three redirects at most", n)
			}
		})
	}
}

func TestPrivateAddressIsRefused(t *testing.T) {
	srv := serve(t, status(http.StatusOK))
	for name, url := range map[string]string{
		"by number": srv.URL,
		"by name":   strings.Replace(srv.URL, "127.0.0.1", "localhost", 1),
		"IPv6":      strings.Replace(srv.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1),
	} {
		t.Run(name, func(t *testing.T) {
			r := write(t, open(t, url, map[string]any{"allow_private": false}), batch(t, said("ada")...))[0]
			if r.Outcome != sdk.Fatal || r.Code != "private address" {
				t.Errorf("result %+v, want fatal", r)
			}
		})
	}
	if n := len(srv.requests()); n != 0 {
		t.Errorf("%d requests got through", n)
	}
}

func TestRedirectToAPrivateAddressIsRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatalf("%v; this test needs a second loopback address, as `ifconfig lo0 alias 127.0.0.2` makes on macOS", err)
	}
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the private address was reached")
	}))
	_ = inside.Listener.Close()
	inside.Listener = l
	inside.Start()
	t.Cleanup(inside.Close)
	srv := serve(t, redirect(307, func() string { return inside.URL + "/latest/meta-data" }))
	s, err := httpsink.OpenGuarded(encode(t, map[string]any{"url": srv.URL}), "127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	results, err := s.Write(context.Background(), batch(t, said("ada")...))
	if err != nil || results[0].Outcome != sdk.Fatal || results[0].Code != "private address" {
		t.Errorf("results %+v, error %v, want fatal", results, err)
	}
	if len(srv.requests()) != 1 {
		t.Errorf("%d requests to the first address, want 1", len(srv.requests()))
	}
}

func TestIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "255.255.255.255": false, "224.0.0.1": false,
		"240.0.0.1": false, "198.18.0.1": false, "192.0.0.8": false, "203.0.113.9": false, "172.32.0.1": true, "100.128.0.1": true,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:100.64.0.1": false, "::7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false,
		"64:ff9b:1::1": false, "2002:7f00:1::": false, "2002:a00:1::1": false, "2001::1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := httpsink.IsPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s public: %v, want %v", text, got, want)
		}
	}
}
