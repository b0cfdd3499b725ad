package httpsink

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// verdict turns an answer into the result for its event, and says whether the target wants to be left alone.
func verdict(a answer, now time.Time) (r sdk.Result, throttled bool) {
	code := "http " + strconv.Itoa(a.status)
	switch a.status {
	case http.StatusConflict:
		return sdk.DuplicateOf(receipt(a.header)), false
	case http.StatusUnauthorized, http.StatusForbidden:
		return sdk.FatalWith(code, "the target refuses the credentials; check headers and secret"), false
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return sdk.RetryAfter(retryAfter(a.header, now), code+": the target asks to wait"), true
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusBadGateway, http.StatusGatewayTimeout:
		return sdk.RetryAfter(retryAfter(a.header, now), code+": the target is not ready"), false
	}
	switch {
	case a.status >= 500:
		return sdk.RetryAfter(retryAfter(a.header, now), code+": the target failed"), false
	case a.status >= 400:
		return sdk.RejectWith(code, field(a), "the target refuses the event"), false
	case a.status >= 300:
		return sdk.FatalWith(code, "the target redirects elsewhere; set url to its final address"), false
	}
	return sdk.DoneWith(receipt(a.header)), false
}

// failure turns an error of the connection into a result. Of the error's text only what the system says is used: the rest may
// quote the answer.
func failure(err error) sdk.Result {
	var dial *net.OpError
	var cert *tls.CertificateVerificationError
	var late net.Error
	switch {
	case errors.Is(err, errPrivate):
		return sdk.FatalWith("private address", "the target is a private address; set allow_private = true if that is meant")
	case errors.Is(err, errTooMany), errors.Is(err, errDowngrade):
		return sdk.FatalWith("redirect", fmt.Sprintf("the target answers with %s; set url to its final address", inner(err)))
	case errors.Is(err, context.Canceled):
		return sdk.RetryAfter(0, "stopped before there was an answer")
	case errors.As(err, &late) && late.Timeout():
		return sdk.RetryAfter(0, "no answer in time")
	case errors.As(err, &cert):
		return sdk.RetryAfter(0, "the certificate of the target is not trusted: "+cert.Err.Error())
	case errors.As(err, &dial) && dial.Op == "dial":
		return sdk.RetryAfter(0, "cannot connect: "+dial.Err.Error())
	}
	return sdk.RetryAfter(0, "the connection broke before there was an answer")
}

func inner(err error) error {
	if errors.Is(err, errTooMany) {
		return errTooMany
	}
	return errDowngrade
}

// retryAfter reads the header Retry-After: seconds or a date. Zero means that the target does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, sdk.MaxDuration)
	}
	at, err := http.ParseTime(text)
	if err != nil || at.Before(now) {
		return 0
	}
	return min(at.Sub(now), sdk.MaxDuration)
}

// receipt returns where the record is that the target made, if it says so.
func receipt(h http.Header) string {
	if at := h.Get("Location"); len(at) <= 512 && isPrintable(at) {
		return at
	}
	return ""
}

// problem is what of a problem+json (RFC 9457) may name the field that was refused.
type problem struct {
	Field         string   `json:"field"`
	Errors        []detail `json:"errors"`
	InvalidParams []detail `json:"invalid-params"`
}

type detail struct {
	Pointer, Field, Name, Parameter string
}

// field returns the name of the field that the target objects to, "" when it does not say. A name is taken only if it looks
// like one: texts stay outside.
func field(a answer) string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return ""
	}
	var p problem
	if json.Unmarshal(a.body, &p) != nil {
		return ""
	}
	names := []string{p.Field}
	for _, d := range append(p.Errors, p.InvalidParams...) {
		names = append(names, d.Pointer, d.Field, d.Name, d.Parameter)
	}
	name := regexp.MustCompile(`^[#/]{0,2}[A-Za-z_][A-Za-z0-9_./\[\]-]{0,63}$`)
	for _, n := range names {
		if name.MatchString(n) {
			return strings.TrimLeft(n, "#/")
		}
	}
	return ""
}
