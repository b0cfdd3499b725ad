package httpsink

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

const (
	maxRedirects = 3
	// maxAnswer is how much of an answer is read, at most.
	maxAnswer = 64 << 10
	// bodyTime is how long the body of a success is waited for. Only the connection gains by it, which can be used again.
	bodyTime = 500 * time.Millisecond
)

// Redirects that are not followed.
var (
	errTooMany   = errors.New("more than 3 redirects")
	errDowngrade = errors.New("a redirect to another scheme than https")
)

// client sends requests to one target.
type client struct {
	http        *http.Client
	transport   *http.Transport
	method      string
	target      *url.URL
	header      http.Header // of the configuration: for the target alone
	contentType string
	key         []byte // signs requests, nil for none
	timeout     time.Duration
}

// control looks at an address before it is connected to, as net.Dialer.Control.
type control func(network, address string, raw syscall.RawConn) error

func newClient(c Config, guard control) (*client, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	header, err := c.header()
	if err != nil {
		return nil, err
	}
	key, err := c.signingKey()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: c.Timeout}
	if !c.AllowPrivate {
		dialer.Control = guard
	}
	transport := &http.Transport{ // no Proxy: a proxy of the environment would reach what the dialer refuses
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, MaxResponseHeaderBytes: maxAnswer,
		MaxIdleConnsPerHost: c.Concurrency, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: c.Timeout,
	}
	return &client{
		http:      &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		transport: transport, method: c.Method, target: target, header: header, contentType: c.contentType(), key: key, timeout: c.Timeout,
	}, nil
}

// message is one event ready to be sent.
type message struct {
	id   string
	body []byte
}

// answer is what came back: status and headers, and the beginning of the body of a refusal.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends m, follows redirects that keep method and body, and returns the answer.
func (c *client) send(ctx context.Context, m message) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	at := c.target
	for hop := 0; ; hop++ {
		r, err := c.try(ctx, at, m)
		if err != nil || r.status != http.StatusTemporaryRedirect && r.status != http.StatusPermanentRedirect {
			return r, err
		}
		next, err := at.Parse(r.header.Get("Location"))
		switch {
		case err != nil, next.Host == "":
			return r, nil
		case hop == maxRedirects:
			return r, errTooMany
		case next.Scheme != "https" && next.Scheme != at.Scheme:
			return r, errDowngrade
		}
		next.User = nil
		at = next
	}
}

// try sends m to one address.
func (c *client) try(ctx context.Context, at *url.URL, m message) (answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, c.method, at.String(), bytes.NewReader(m.body))
	if err != nil {
		return answer{}, err
	}
	if at.Scheme == c.target.Scheme && at.Host == c.target.Host {
		req.Header = c.header.Clone()
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "pintle")
	}
	req.Header.Set("Content-Type", c.contentType)
	req.Header.Set("Idempotency-Key", m.id)
	c.sign(req.Header, m, time.Now())
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusBadRequest {
		slow := time.AfterFunc(bodyTime, cancel)
		defer slow.Stop()
	}
	// What is left of a long answer is not read, and its connection not used again. An answer that breaks off here had its
	// status, which is all that counts.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
}

// sign adds the headers of Standard Webhooks 1.0.0. The time is that of the try, so that a late one is not refused as old.
func (c *client) sign(h http.Header, m message, now time.Time) {
	if c.key == nil {
		return
	}
	seconds := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, c.key)
	fmt.Fprintf(mac, "%s.%s.", m.id, seconds)
	mac.Write(m.body)
	h.Set("Webhook-Id", m.id)
	h.Set("Webhook-Timestamp", seconds)
	h.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// messageID returns the idempotency key of e as a header can carry it.
func messageID(e *sdk.Event) string {
	key := cloudevent.Key(e)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_:/~@+=", r)
	}
	if len(key) <= 255 && !strings.ContainsFunc(key, func(r rune) bool { return !plain(r) }) {
		return key
	}
	return "ev_" + sdk.HashID(e.Source, key)
}
