package httpsink

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// Config is the configuration of an http sink.
type Config struct {
	URL          string            `pintle:"url,required" doc:"Address that events are sent to, https or http."`
	Method       string            `pintle:"method" enum:"POST,PUT,PATCH" default:"POST" doc:"Request method."`
	Headers      map[string]string `pintle:"headers,sensitive" doc:"Headers of each request, such as Authorization. They are not sent on to another host."`
	Body         sdk.PerEvent      `pintle:"body" doc:"Body of the request. Without it: the event as a CloudEvent in JSON."`
	ContentType  string            `pintle:"content_type" doc:"Content-Type of the body. Without it: application/cloudevents+json, or application/json when body is set."`
	Secret       sdk.Secret        `pintle:"secret" doc:"Secret for a Standard Webhooks signature: whsec_ and 24 to 64 bytes in base64."`
	Timeout      time.Duration     `pintle:"timeout" default:"15s" min:"10ms" max:"60s" doc:"How long one request may take."`
	Concurrency  int               `pintle:"concurrency" default:"4" min:"1" max:"64" doc:"How many requests may be under way at once. Events of one key are sent one after the other."`
	AllowPrivate bool              `pintle:"allow_private" doc:"Allow addresses of this machine and of private networks."`
}

// contentType returns the type of the body.
func (c Config) contentType() string {
	switch {
	case c.ContentType != "":
		return c.ContentType
	case c.Body.IsSet():
		return "application/json"
	}
	return "application/cloudevents+json; charset=utf-8"
}

// target reads the URL. Errors do not quote it: often its path is what gives access.
func (c Config) target() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return nil, sdk.Errorf(sdk.Invalid, "url is not an address; write it as in \"https://crm.example/hooks/pintle\"")
	case u.User != nil:
		return nil, sdk.Errorf(sdk.Invalid, "url holds a user name; put the credentials into headers = { Authorization = ... } instead")
	}
	u.Fragment = ""
	return u, nil
}

// header checks the configured headers, so that a mistake shows before the first event.
func (c Config) header() (http.Header, error) {
	h := make(http.Header)
	for name, value := range c.Headers {
		if !isToken(name) || !isPrintable(value) {
			return nil, sdk.Errorf(sdk.Invalid, "headers: %q is not a header that can be sent; remove spaces and control characters", name)
		}
		if slices.Contains(ownHeaders(), http.CanonicalHeaderKey(name)) {
			return nil, sdk.Errorf(sdk.Invalid, "headers: %s is set by the sink; remove it (content_type and secret are attributes)", name)
		}
		h.Set(name, value)
	}
	if !isPrintable(c.ContentType) {
		return nil, sdk.Errorf(sdk.Invalid, "content_type holds control characters; remove them")
	}
	return h, nil
}

func ownHeaders() []string {
	return []string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Trailer", "Upgrade", "Te",
		"Idempotency-Key", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"}
}

// isToken reports whether s may be the name of a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	outside := func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	}
	return s != "" && !strings.ContainsFunc(s, outside)
}

func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// signingKey decodes the secret, nil when there is none.
func (c Config) signingKey() ([]byte, error) {
	text := c.Secret.Reveal()
	if text == "" {
		return nil, nil
	}
	coded, ok := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(coded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, sdk.Errorf(sdk.Invalid, "secret is not a Standard Webhooks secret; write whsec_ and 24 to 64 random bytes in base64, as `echo whsec_$(openssl rand -base64 32)` makes")
	}
	return key, nil
}
