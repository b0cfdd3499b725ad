package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// sum is the HMAC of text, written here anew so that the source is not tested by itself.
func sum(newHash func() hash.Hash, key, text string) []byte {
	m := hmac.New(newHash, []byte(key))
	fmt.Fprint(m, text)
	return m.Sum(nil)
}

func standard(id string, at time.Time, body string) (stamp, signature string) {
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	stamp = strconv.FormatInt(at.Unix(), 10)
	return stamp, "v1," + base64.StdEncoding.EncodeToString(sum(sha256.New, string(key), id+"."+stamp+"."+body))
}

func TestStandardWebhooks(t *testing.T) {
	var out hub
	r := start(t, map[string]any{"path": "/in", "secret": secret, "fields": map[string]string{"text": "text"}}, &out)
	body := `{"text":"a"}`
	now := time.Now()
	stamp, good := standard("w1", now, body)
	_, forged := standard("w1", now, body+" ")
	old, oldSigned := standard("w1", now.Add(-6*time.Minute), body)
	soon, soonSigned := standard("w1", now.Add(6*time.Minute), body)
	_, nameless := standard("", now, body)
	long := strings.Repeat("x", 300)
	_, longSigned := standard(long, now, body)
	for _, c := range []struct {
		name, id, stamp, signature string
		detail                     string // of a refusal
	}{
		{"no signature", "w1", stamp, "", "signature is missing"},
		{"only another version", "w1", stamp, strings.Replace(good, "v1,", "v1a,", 1), "signature is missing"},
		{"forged", "w1", stamp, forged, "no signature fits"},
		{"not base64", "w1", stamp, "v1,!!", "no signature fits"},
		{"cut", "w1", stamp, good[:len(good)-4], "no signature fits"},
		{"another id", "w2", stamp, good, "no signature fits"},
		{"another time", "w1", strconv.FormatInt(now.Unix()+1, 10), good, "no signature fits"},
		{"old", "w1", old, oldSigned, "time of the delivery"},
		{"from the future", "w1", soon, soonSigned, "time of the delivery"},
		{"no time", "w1", "", good, "no signature fits"},
		{"no id", "", stamp, nameless, "name of the delivery"},
		{"long id", long, stamp, longSigned, "name of the delivery"},
		{"more signatures than are looked at", "w1", stamp, strings.Repeat(forged+" ", 20) + good, "no signature fits"},
		{"good", "w1", stamp, good, ""},
		{"good, again", "w1", stamp, good, "duplicate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			got := r.post(body, "Webhook-Id", c.id, "Webhook-Timestamp", c.stamp, "Webhook-Signature", c.signature)
			detail, _ := got.body["detail"].(string)
			switch {
			case c.detail == "duplicate" && got.status == 200 && got.body["duplicate"] == true:
			case c.detail == "" && got.status == 202:
			case c.detail != "" && got.status == 401 && strings.Contains(detail, c.detail):
			default:
				t.Errorf("status %d, %v; want %q", got.status, got.body, c.detail)
			}
		})
	}
	r.t = t
	second, alsoGood := standard("w2", now, body)
	wantReply(t, r.post(body, "Webhook-Id", "w2", "Webhook-Timestamp", second, "Webhook-Signature", "v1a,x "+forged+" "+alsoGood), 202, nil)
	events := out.stored()
	if len(events) != 2 || events[0].Feedback.Native.ID != "w1" || events[0].Time.Unix() != now.Unix() {
		t.Errorf("%d events, the first %+v", len(events), events[0])
	}
}

func TestOtherSignatures(t *testing.T) {
	body, key := `{"text":"a {id}"}`, "a secret of ours"
	now := strconv.FormatInt(time.Now().Unix(), 10)
	for _, c := range []struct {
		name    string
		config  map[string]any
		headers []string
	}{
		{"hex with a prefix", map[string]any{"header": "X-Hub-Signature-256", "prefix": "sha256="},
			[]string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(sum(sha256.New, key, body))}},
		{"base64", map[string]any{"header": "X-Hmac", "encoding": "base64"},
			[]string{"X-Hmac", base64.StdEncoding.EncodeToString(sum(sha256.New, key, body))}},
		{"sha512, several", map[string]any{"header": "X-Hmac", "algorithm": "sha512"},
			[]string{"X-Hmac", "00, " + hex.EncodeToString(sum(sha512.New, key, body))}},
		{"with a time", map[string]any{"header": "X-Hmac", "timestamp_header": "X-Time"},
			[]string{"X-Hmac", hex.EncodeToString(sum(sha256.New, key, now+"."+body)), "X-Time", now}},
		{"with a form of its own", map[string]any{"header": "X-Sig", "prefix": "v0=", "timestamp_header": "X-Time", "id_header": "X-Id", "signed": "v0:{timestamp}:{id}:{body}!"},
			[]string{"X-Sig", "v0=" + hex.EncodeToString(sum(sha256.New, key, "v0:"+now+":w{body}:"+body+"!")), "X-Time", now, "X-Id", "w{body}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out hub
			c.config["scheme"], c.config["secret"], c.config["path"] = "hmac", key, "/in"
			r := start(t, c.config, &out)
			wantReply(t, r.post(body+" ", c.headers...), 401, nil)
			wantReply(t, r.post(body, c.headers[2:]...), 401, nil)
			for i := 2; i < len(c.headers); i += 2 {
				changed := append([]string(nil), c.headers...)
				changed[i+1] = strconv.Itoa(int(time.Now().Unix()) + 1)
				wantReply(t, r.post(body, changed...), 401, nil)
			}
			wantReply(t, r.post(body, c.headers...), 202, nil)
			wantReply(t, r.post(body, c.headers...), 200, nil)
			if n := len(out.stored()); n != 1 {
				t.Errorf("%d events, want 1", n)
			}
		})
	}
}

func TestAnIDThatIsNotSignedDoesNotMakeARepetitionNew(t *testing.T) {
	body, key := `{"text":"a"}`, "a secret of ours"
	var out hub
	r := start(t, map[string]any{"scheme": "hmac", "secret": key, "header": "X-Hmac", "id_header": "X-Id"}, &out)
	signature := hex.EncodeToString(sum(sha256.New, key, body))
	wantReply(t, r.post(body, "X-Hmac", signature, "X-Id", "1"), 202, nil)
	wantReply(t, r.post(body, "X-Hmac", signature, "X-Id", "2"), 200, nil)
}

func TestRefusesConfigurations(t *testing.T) {
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{}, "secret is missing"},
		{map[string]any{"secret": "whsec_?"}, "not one of Standard Webhooks"},
		{map[string]any{"secret": "whsec_c2hvcnQ="}, "at least 16 bytes"},
		{map[string]any{"secret": secret, "header": "X"}, `are for scheme "hmac"`},
		{map[string]any{"scheme": "none"}, "allow_unsigned"},
		{map[string]any{"scheme": "none", "allow_unsigned": true, "secret": "x"}, "has no use"},
		{map[string]any{"scheme": "hmac", "secret": "x"}, "header is missing"},
		{map[string]any{"scheme": "hmac", "secret": "x", "header": "X", "signed": "{id}"}, "{body} once"},
		{map[string]any{"scheme": "hmac", "secret": "x", "header": "X", "signed": "{id}{body}"}, "id_header"},
		{map[string]any{"scheme": "hmac", "secret": "x", "header": "X", "signed": "{timestamp}{body}"}, "timestamp_header"},
		{map[string]any{"scheme": "hmac", "secret": "x", "header": "X", "timestamp_header": "T", "signed": "{body}"}, "lacks {timestamp}"},
		{map[string]any{"secret": secret, "listen": "nowhere"}, "listen"},
		{map[string]any{"secret": secret, "listen": "127.0.0.1:99999"}, "listen"},
		{map[string]any{"secret": secret, "path": "in"}, "slash"},
		{map[string]any{"secret": secret, "fields": map[string]string{"txt": "x"}}, "no field"},
	} {
		if _, ok := c.config["listen"]; !ok {
			c.config["listen"] = "127.0.0.1:0"
		}
		_, err := open(c.config)
		if sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open of %v: %v, want an invalid one with %q", c.config, err, c.want)
		}
	}
}
