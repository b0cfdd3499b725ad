package webhook

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

// SourceConfig is the configuration of source "webhook".
type SourceConfig struct {
	Listen string `pintle:"listen,required" doc:"Address and port to listen on, such as \"127.0.0.1:8088\". There is no TLS: let a reverse proxy stand before it."`
	Path   string `pintle:"path" default:"/" doc:"The path that is posted to; all others are not found."`

	Scheme        string     `pintle:"scheme" enum:"standard,hmac,none" default:"standard" doc:"How deliveries are signed. standard: Standard Webhooks 1.0. hmac: a header holds an HMAC, as header, algorithm, encoding, prefix and signed say. none: not at all; needs allow_unsigned."`
	Secret        sdk.Secret `pintle:"secret" doc:"What the sender signs with. For standard: \"whsec_\" and base64."`
	AllowUnsigned bool       `pintle:"allow_unsigned" doc:"Believe anybody who reaches the address. Needed for scheme = \"none\"."`

	Header          string        `pintle:"header" doc:"hmac: the header with the signature, such as \"X-Hub-Signature-256\"."`
	Algorithm       string        `pintle:"algorithm" enum:"sha256,sha512" default:"sha256" doc:"hmac: the hash."`
	Encoding        string        `pintle:"encoding" enum:"hex,base64" default:"hex" doc:"hmac: how the signature is written."`
	Prefix          string        `pintle:"prefix" doc:"hmac: what stands before the signature in its header, such as \"sha256=\"."`
	IDHeader        string        `pintle:"id_header" doc:"hmac and none: the header that names the delivery."`
	TimestampHeader string        `pintle:"timestamp_header" doc:"hmac: the header with the time of the delivery in Unix seconds. It must be signed too."`
	Signed          string        `pintle:"signed" doc:"hmac: what is signed, made of {id}, {timestamp} and {body}. Without it \"{body}\", or \"{timestamp}.{body}\" where timestamp_header is set."`
	Tolerance       time.Duration `pintle:"tolerance" default:"5m" min:"1s" max:"1h" doc:"How far the time of a delivery may lie from ours. Deliveries are remembered for twice as long, and one that comes again is not stored again."`

	Fields     map[string]string `pintle:"fields" doc:"What goes where: a field of the event (id, time, author, text, title, url, language, kind, rating, key, thread, ...) on the left, the path of the JSON member (\"post.id\") on the right. What is not named is kept in event.data. Without fields all of it is event.data and no feedback is made."`
	TimeFormat string            `pintle:"time_format" doc:"How the body writes a time: \"unix\" (seconds), \"unix_ms\", or the way Go would write 2 January 2006 15:04:05 -0700. Without it RFC 3339, \"2006-01-02 15:04:05\" with or without a zone, a date alone, and Unix seconds or milliseconds since 1973 are understood."`
	Kind       string            `pintle:"kind" doc:"The kind of all events (post, comment, review, message, email, call, note, visit, survey), unless a field is mapped to kind."`
	Instance   string            `pintle:"instance" doc:"Names the channel in the identity of its events. Without it: path."`
	Wait       time.Duration     `pintle:"wait" default:"10s" min:"100ms" max:"1m" doc:"How long a delivery waits until it is stored, before its sender is asked to come again (503)."`
}

// Source declares source "webhook".
func Source() sdk.SourceSpec {
	s := sdk.NewSource("webhook", "Takes in signed JSON that other systems post, and says yes only when it is durable.", openSource)
	s.Push = true
	return s
}

// source listens at one address. What it learns in a run is in a receiver.
type source struct {
	config SourceConfig
	fields *fieldmap.Map
	verify verifier
}

func openSource(_ context.Context, c SourceConfig) (sdk.Source, error) {
	if err := checkAddress(c); err != nil {
		return nil, err
	}
	verify, err := newVerifier(c)
	if err != nil {
		return nil, err
	}
	fields, err := fieldmap.New(c.Fields, c.TimeFormat)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "%w", err)
	}
	if c.Instance == "" {
		c.Instance = c.Path
	}
	return &source{config: c, fields: fields, verify: verify}, nil
}

func checkAddress(c SourceConfig) error {
	_, port, err := net.SplitHostPort(c.Listen)
	if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
		return sdk.Errorf(sdk.Invalid, "listen %q is not an address and a port, such as \"127.0.0.1:8088\"", c.Listen)
	}
	if !strings.HasPrefix(c.Path, "/") {
		return sdk.Errorf(sdk.Invalid, "path %q does not begin with a slash", c.Path)
	}
	return nil
}
