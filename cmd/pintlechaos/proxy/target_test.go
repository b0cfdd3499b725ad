package proxy_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
)

func target(t *testing.T, c *tls.Certificate, decide func(proxy.Request) proxy.Answer) *proxy.Target {
	t.Helper()
	s, err := proxy.Serve(c, decide)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// post sends a body and returns the answer and what could be read of it.
func post(t *testing.T, s *proxy.Target, key string) (status, length int, err error) {
	t.Helper()
	transport := &http.Transport{ResponseHeaderTimeout: time.Second, MaxResponseHeaderBytes: 64 << 10}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport, Timeout: 2 * time.Second}
	req, err := http.NewRequest(http.MethodPost, s.URL(), strings.NewReader("body of "+key))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", key)
	resp, err := c.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, len(b), err
}

func TestTargetKeepsWhatItCommitsWhateverItAnswers(t *testing.T) {
	s := target(t, nil, func(r proxy.Request) proxy.Answer {
		if r.Number == 1 {
			return proxy.Answer{Commit: true, Manner: proxy.Nothing}
		}
		return proxy.Answer{Commit: true, Status: 201, Header: map[string]string{"Location": "/1"}}
	})
	if _, _, err := post(t, s, "a"); err == nil {
		t.Error("there was an answer, want a reset")
	}
	if status, _, err := post(t, s, "a"); status != 201 || err != nil {
		t.Errorf("the second try got %d, %v", status, err)
	}
	got := s.Commits()
	if len(got) != 2 || got[0].Key != "a" || string(got[1].Body) != "body of a" || len(s.Times()) != 2 {
		t.Errorf("kept %+v of %d requests", got, len(s.Times()))
	}
}

func TestTargetMisbehaves(t *testing.T) {
	for name, c := range map[string]struct {
		manner proxy.Manner
		status int // seen before the error, 0 for none
		least  int // bytes of body
	}{
		"half head":   {manner: proxy.HalfHead},
		"half body":   {manner: proxy.HalfBody, status: 200, least: 10},
		"slow body":   {manner: proxy.Drip, status: 200, least: 2},
		"slow head":   {manner: proxy.DripHead},
		"garbage":     {manner: proxy.Garbage},
		"giant head":  {manner: proxy.GiantHead},
		"no answer":   {manner: proxy.Nothing},
		"giant body":  {manner: proxy.Giant, status: 200, least: 1 << 20},
		"as it ought": {manner: proxy.Whole, status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := target(t, nil, func(proxy.Request) proxy.Answer { return proxy.Answer{Manner: c.manner} })
			status, n, err := post(t, s, "x")
			bad := c.manner != proxy.Whole && c.manner != proxy.Giant
			if status != c.status || n < c.least || (err != nil) != bad {
				t.Errorf("status %d, %d bytes, %v; want status %d, at least %d bytes, an error: %v", status, n, err, c.status, c.least, bad)
			}
		})
	}
}

func TestTargetWithAnExpiredCertificate(t *testing.T) {
	c, err := proxy.Certificate(time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s := target(t, c, func(proxy.Request) proxy.Answer { return proxy.Answer{} })
	_, _, err = post(t, s, "x")
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("the client says %v, want that the certificate has expired", err)
	}
}
