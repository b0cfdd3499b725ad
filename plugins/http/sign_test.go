package httpsink_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	httpsink "github.com/pintle-hub/pintle/plugins/http"
)

// verify checks a Standard Webhooks signature as a receiver does. It shares no code with the sink.
func verify(t *testing.T, secret string, r request) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseInt(r.header.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		t.Errorf("timestamp %q", r.header.Get("webhook-timestamp"))
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.Join([]string{r.header.Get("webhook-id"), r.header.Get("webhook-timestamp"), r.body}, ".")))
	for _, signature := range strings.Fields(r.header.Get("webhook-signature")) {
		version, coded, _ := strings.Cut(signature, ",")
		sum, err := base64.StdEncoding.DecodeString(coded)
		if err == nil && version == "v1" && hmac.Equal(sum, mac.Sum(nil)) {
			return true
		}
	}
	return false
}

func TestSignature(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTw=="
	srv := serve(t, status(http.StatusOK))
	write(t, open(t, srv.URL, map[string]any{"secret": secret}), batch(t, said("ada")...))
	r := srv.requests()[0]
	if !verify(t, secret, r) {
		t.Errorf("the signature %q does not fit", r.header.Get("webhook-signature"))
	}
	if id := r.header.Get("webhook-id"); id != "fb_0" || id != r.header.Get("Idempotency-Key") {
		t.Errorf("webhook-id %q, want the id of the event", id)
	}
	r.body += " "
	if verify(t, secret, r) {
		t.Error("the signature fits another body too")
	}
}

// TestSignatureOfTheSpecification checks the example of Standard Webhooks 1.0.0.
func TestSignatureOfTheSpecification(t *testing.T) {
	got, err := httpsink.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, time.Unix(1614265330, 0))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want || err != nil {
		t.Errorf("signature %q, error %v, want %q", got, err, want)
	}
}

func TestNoSecretNoSignature(t *testing.T) {
	srv := serve(t, status(http.StatusOK))
	write(t, open(t, srv.URL, nil), batch(t, said("ada")...))
	for name := range srv.requests()[0].header {
		if strings.HasPrefix(name, "Webhook-") {
			t.Errorf("header %s without a secret", name)
		}
	}
}
