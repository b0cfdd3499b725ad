package httpsink_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	httpsink "github.com/pintle-hub/pintle/plugins/http"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// target reads each request and lets handler answer. Unlike that of serve it expects requests that are broken off, as when a
// sink is closed while it writes.
func target(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestContract(t *testing.T) {
	token := "Bearer tk-0123456789"
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a secret of twenty-four bytes"))
	s := target(t, status(http.StatusAccepted))
	with := func(more map[string]any) map[string]any {
		config := map[string]any{"url": s.URL + "/path-that-gives-access", "allow_private": true}
		for name := range more {
			config[name] = more[name]
		}
		return config
	}
	invalid := []any{with(map[string]any{"url": "nowhere"}), with(map[string]any{"secret": "too short"}),
		with(map[string]any{"headers": map[string]string{"Host": "x"}}), with(map[string]any{"content_type": "a\nb"})}
	for name, config := range map[string]map[string]any{
		"event": with(map[string]any{"headers": map[string]string{"Authorization": token}, "secret": secret}),
		"body":  with(map[string]any{"body": func(e *sdk.Event) any { return e.Text() }}),
	} {
		t.Run(name, func(t *testing.T) {
			sdktest.TestSink(t, sdktest.Suite{Program: httpsink.Program(), Type: "http", Config: config, Invalid: invalid,
				Events: said("a", "b", "a"), Secrets: []string{token, secret[6:], "path-that-gives-access"}})
		})
	}
}

// A server that repeats the request in what it refuses must not get it into results, as dead letters are read by others.
func TestContractWithARefusingServer(t *testing.T) {
	s := target(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(words + r.Header.Get("Authorization") + r.URL.Path))
	})
	sdktest.TestSink(t, sdktest.Suite{Program: httpsink.Program(), Type: "http", Events: said("a", "b", "a"),
		Config: map[string]any{"url": s.URL + "/path-that-gives-access", "allow_private": true,
			"headers": map[string]string{"Authorization": "Bearer tk-0123456789"}},
		Secrets: []string{"path-that-gives-access"}})
}
