package rss

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	maxBody      = 10 << 20 // bytes of a feed, as it comes and as it is unpacked
	maxRedirects = 3
	userAgent    = "Pintle/0.1 (+https://github.com/pintle-hub/pintle)"
	accept       = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, " +
		"text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)

// fileFetcher reads a feed in a file.
type fileFetcher struct{ path string }

func (f fileFetcher) fetch(context.Context, *state) ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, sdk.Errorf(sdk.NotFound, "open the feed: %w", err)
	}
	defer file.Close()
	return readBody(file)
}

// readBody reads a feed that is not too large.
func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, sdk.Errorf(sdk.Unavailable, "read the feed: %w", err)
	}
	if len(body) > maxBody {
		return nil, tooLarge()
	}
	return body, nil
}

func tooLarge() error {
	return sdk.Errorf(sdk.Invalid, "the feed is larger than %d MiB; ask for a shorter one", maxBody>>20)
}

// webFetcher asks a server.
type webFetcher struct {
	url       string
	timeout   time.Duration
	transport *http.Transport
}

func newWebFetcher(u *url.URL, c SourceConfig) *webFetcher {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: refusePrivate}
	if c.AllowPrivate {
		dialer.Control = nil
	}
	return &webFetcher{url: u.String(), timeout: c.Timeout, transport: &http.Transport{
		DialContext:            dialer.DialContext, // and no proxy: it would hide where the address leads
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  c.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true, // the next look is minutes away
		DisableCompression:     true, // unpacked here, with a limit
	}}
}

// fetch asks for the feed where it was last, and where the configuration says when it is not there any more.
func (f *webFetcher) fetch(ctx context.Context, st *state) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	if st.Moved == "" {
		return f.ask(ctx, f.url, st)
	}
	body, err := f.ask(ctx, st.Moved, st)
	if err == nil || pauseOf(err) > 0 {
		return body, err
	}
	slog.Info("the feed is not where it had moved to; the address of the configuration is tried", "host", hostOf(f.url))
	st.Moved, st.ETag, st.Modified = "", "", ""
	return f.ask(ctx, f.url, st)
}

// ask makes one request, follows redirects and notes the lasting ones.
func (f *webFetcher) ask(ctx context.Context, address string, st *state) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "make the request: %w", withoutURL(err))
	}
	setHeaders(req.Header, st)
	lasting := true
	client := &http.Client{Transport: f.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		status := next.Response.StatusCode
		lasting = lasting && (status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect)
		return checkRedirect(next, via)
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, requestError(err)
	}
	defer resp.Body.Close()
	if err := statusError(resp, st); err != nil {
		return nil, err
	}
	if at := resp.Request.URL.String(); lasting && at != address && len(at) <= maxURL {
		slog.Info("the feed has moved for good", "from", hostOf(address), "to", hostOf(at))
		st.Moved = at
	}
	if resp.StatusCode == http.StatusNotModified {
		return nil, nil
	}
	body, err := unpack(resp)
	if err == nil {
		st.ETag, st.Modified = validator(resp, "ETag"), validator(resp, "Last-Modified")
	}
	return body, err
}

func setHeaders(h http.Header, st *state) {
	h.Set("User-Agent", userAgent)
	h.Set("Accept", accept)
	h.Set("Accept-Encoding", "gzip")
	if st.ETag != "" {
		h.Set("If-None-Match", st.ETag)
	}
	if st.Modified != "" {
		h.Set("If-Modified-Since", st.Modified)
	}
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch {
	case len(via) > maxRedirects:
		return sdk.Errorf(sdk.Invalid, "the server redirects more than %d times", maxRedirects)
	case next.URL.Scheme != "http" && next.URL.Scheme != "https":
		return sdk.Errorf(sdk.Invalid, "the server redirects to something that is not http")
	case via[0].URL.Scheme == "https" && next.URL.Scheme == "http":
		return sdk.Errorf(sdk.Denied, "the server redirects from https to http")
	}
	return nil
}

// requestError keeps our own errors and takes the address, which may hold a password or a token, out of others.
func requestError(err error) error {
	var own *sdk.Error
	if errors.As(err, &own) {
		return own
	}
	return sdk.Errorf(sdk.Unavailable, "ask for the feed: %w", withoutURL(err))
}

func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// validator returns a header that makes the next request conditional. One that is too long to keep is left out.
func validator(resp *http.Response, name string) string {
	if v := resp.Header.Get(name); len(v) <= maxValidator {
		return v
	}
	return ""
}

// statusError turns what a server says into what to do.
func statusError(resp *http.Response, st *state) error {
	var err *sdk.Error
	switch code := resp.StatusCode; {
	case code == http.StatusOK || code == http.StatusNotModified && st.Body != "":
		return nil
	case code == http.StatusGone:
		return &stopError{sdk.Errorf(sdk.NotFound, "the feed is gone for good (http 410); remove the source from the configuration")}
	case code == http.StatusTooManyRequests:
		err = sdk.Errorf(sdk.Exhausted, "the server asks us to come less often (http 429)")
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		err = sdk.Errorf(sdk.Denied, "the server does not let us read the feed (http %d)", code)
	case code >= http.StatusInternalServerError:
		err = sdk.Errorf(sdk.Unavailable, "the server has a fault (http %d)", code)
	default:
		err = sdk.Errorf(sdk.NotFound, "the server has no feed there (http %d)", code)
	}
	err.RetryAfter = retryAfter(resp.Header.Get("Retry-After"))
	return err
}

// retryAfter reads the header: seconds or a date.
func retryAfter(h string) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(h), 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(h); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// unpack reads the body, packed or not; neither form may be too large.
func unpack(resp *http.Response) ([]byte, error) {
	switch coding := resp.Header.Get("Content-Encoding"); strings.ToLower(coding) {
	case "", "identity":
		return readBody(resp.Body)
	case "gzip", "x-gzip":
	default:
		return nil, sdk.Errorf(sdk.Invalid, "the server packs the feed in a way that was not asked for")
	}
	packed := &io.LimitedReader{R: resp.Body, N: maxBody}
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, sdk.Errorf(sdk.Unavailable, "unpack the feed: %w", err)
	}
	body, err := readBody(r)
	if err != nil && packed.N == 0 {
		return nil, tooLarge()
	}
	return body, err
}
