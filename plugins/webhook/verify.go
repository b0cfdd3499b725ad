package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	maxSignatures = 16  // that one delivery may carry
	maxDelivery   = 256 // bytes of a delivery's name
	minSecret     = 16  // bytes of a Standard Webhooks secret
)

// delivery is what a verified request says about itself.
type delivery struct {
	id  string    // the sender's name for it, "" if it has none
	at  time.Time // when it was sent, zero if it does not say
	key string    // what a repetition has in common with it
}

// verifier checks a request's signature on the bytes of its body, at the time now. Its error is for the sender.
type verifier func(h http.Header, body []byte, now time.Time) (delivery, error)

var (
	errNoSignature = errors.New("the signature is missing")
	errSignature   = errors.New("no signature fits the body and the secret")
	errTimestamp   = errors.New("the time of the delivery is missing, or too far from ours")
	errDelivery    = errors.New("the name of the delivery is missing, or too long, or not UTF-8")
)

func newVerifier(c SourceConfig) (verifier, error) {
	secret := c.Secret.Reveal()
	switch {
	case c.Scheme == "none" && !c.AllowUnsigned:
		return nil, sdk.Errorf(sdk.Invalid, "scheme \"none\" believes anybody; set allow_unsigned = true if that is meant")
	case c.Scheme == "none" && secret != "":
		return nil, sdk.Errorf(sdk.Invalid, "a secret has no use with scheme \"none\"; set scheme to standard or hmac, or remove it")
	case c.Scheme == "none":
		return unsigned(c), nil
	case secret == "":
		return nil, sdk.Errorf(sdk.Invalid, "secret is missing; without it anybody could post")
	case c.Scheme == "hmac":
		return newHMAC(c, []byte(secret))
	}
	return newStandard(c, secret)
}

// newStandard verifies as Standard Webhooks 1.0 says: HMAC-SHA256 over "id.timestamp.body", version v1.
func newStandard(c SourceConfig, secret string) (verifier, error) {
	if c.Header != "" || c.TimestampHeader != "" || c.IDHeader != "" || c.Signed != "" || c.Prefix != "" {
		return nil, sdk.Errorf(sdk.Invalid, "header, prefix, id_header, timestamp_header and signed are for scheme \"hmac\"")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minSecret {
		return nil, sdk.Errorf(sdk.Invalid, "secret is not one of Standard Webhooks: \"whsec_\" and the base64 of at least %d bytes", minSecret)
	}
	return func(h http.Header, body []byte, now time.Time) (delivery, error) {
		d := delivery{id: h.Get("Webhook-Id")}
		stamp := h.Get("Webhook-Timestamp")
		var signatures []string
		for _, s := range strings.Fields(h.Get("Webhook-Signature")) {
			if version, s, ok := strings.Cut(s, ","); ok && version == "v1" {
				signatures = append(signatures, s)
			}
		}
		sum := mac(sha256.New, key, d.id, ".", stamp, ".", string(body))
		if err := compare(signatures, sum, base64.StdEncoding.DecodeString); err != nil {
			return delivery{}, err
		}
		if d.id == "" || !isName(d.id) {
			return delivery{}, errDelivery
		}
		d.key = d.id
		d.at, err = checkTime(stamp, now, c.Tolerance)
		return d, err
	}, nil
}

// newHMAC verifies a header of which the configuration says what it is.
func newHMAC(c SourceConfig, key []byte) (verifier, error) {
	if err := checkSigned(&c); err != nil {
		return nil, err
	}
	before, after, _ := strings.Cut(c.Signed, "{body}")
	decode := hex.DecodeString
	if c.Encoding == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	newHash := sha256.New
	if c.Algorithm == "sha512" {
		newHash = sha512.New
	}
	return func(h http.Header, body []byte, now time.Time) (delivery, error) {
		d, stamp := delivery{id: named(h, c.IDHeader)}, named(h, c.TimestampHeader)
		fill := strings.NewReplacer("{id}", d.id, "{timestamp}", stamp)
		var signatures []string
		for _, v := range h.Values(c.Header) {
			for s := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' }) {
				signatures = append(signatures, strings.TrimPrefix(s, c.Prefix))
			}
		}
		if err := compare(signatures, mac(newHash, key, fill.Replace(before), string(body), fill.Replace(after)), decode); err != nil {
			return delivery{}, err
		}
		return finishHMAC(c, d, stamp, body, now)
	}, nil
}

// finishHMAC checks what is said about a delivery whose signature is good. Only what was signed can tell a repetition: an id
// that was not could be changed by who sends it again.
func finishHMAC(c SourceConfig, d delivery, stamp string, body []byte, now time.Time) (delivery, error) {
	if !isName(d.id) {
		return delivery{}, errDelivery
	}
	d.key = "body " + hash16(body) + " " + stamp
	if strings.Contains(c.Signed, "{id}") {
		if d.id == "" {
			return delivery{}, errDelivery
		}
		d.key = d.id
	}
	if c.TimestampHeader == "" {
		return d, nil
	}
	var err error
	d.at, err = checkTime(stamp, now, c.Tolerance)
	return d, err
}

// checkSigned fills in what is signed, and checks that nobody could change what matters.
func checkSigned(c *SourceConfig) error {
	if c.Signed == "" && c.TimestampHeader != "" {
		c.Signed = "{timestamp}.{body}"
	}
	if c.Signed == "" {
		c.Signed = "{body}"
	}
	stamped, named := strings.Contains(c.Signed, "{timestamp}"), strings.Contains(c.Signed, "{id}")
	switch {
	case c.Header == "":
		return sdk.Errorf(sdk.Invalid, "header is missing; scheme \"hmac\" must know where the signature stands")
	case strings.Count(c.Signed, "{body}") != 1:
		return sdk.Errorf(sdk.Invalid, "signed must hold {body} once: else anybody could change the body")
	case c.TimestampHeader != "" && !stamped:
		return sdk.Errorf(sdk.Invalid, "signed lacks {timestamp}: else anybody could change the time")
	case c.TimestampHeader == "" && stamped:
		return sdk.Errorf(sdk.Invalid, "signed holds {timestamp}, but timestamp_header does not say where it is")
	case c.IDHeader == "" && named:
		return sdk.Errorf(sdk.Invalid, "signed holds {id}, but id_header does not say where it is")
	}
	return nil
}

// unsigned believes everybody.
func unsigned(c SourceConfig) verifier {
	return func(h http.Header, body []byte, _ time.Time) (delivery, error) {
		d := delivery{id: named(h, c.IDHeader)}
		if !isName(d.id) {
			return delivery{}, errDelivery
		}
		d.key = d.id
		if d.key == "" {
			d.key = "body " + hash16(body)
		}
		return d, nil
	}
}

// isName reports whether id can be part of an event's id.
func isName(id string) bool { return len(id) <= maxDelivery && utf8.ValidString(id) }

func named(h http.Header, name string) string {
	if name == "" {
		return ""
	}
	return h.Get(name)
}

func mac(newHash func() hash.Hash, key []byte, parts ...string) []byte {
	m := hmac.New(newHash, key)
	for _, p := range parts {
		m.Write([]byte(p))
	}
	return m.Sum(nil)
}

// compare looks at every signature, in constant time each.
func compare(signatures []string, want []byte, decode func(string) ([]byte, error)) error {
	if len(signatures) == 0 {
		return errNoSignature
	}
	fits := false
	for _, s := range signatures[:min(len(signatures), maxSignatures)] {
		got, err := decode(s)
		fits = hmac.Equal(got, want) && err == nil || fits
	}
	if !fits {
		return errSignature
	}
	return nil
}

func checkTime(stamp string, now time.Time, tolerance time.Duration) (time.Time, error) {
	n, err := strconv.ParseInt(stamp, 10, 48)
	at := time.Unix(n, 0)
	if err != nil || at.Before(now.Add(-tolerance)) || at.After(now.Add(tolerance)) {
		return time.Time{}, errTimestamp
	}
	return at, nil
}

func hash16(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
