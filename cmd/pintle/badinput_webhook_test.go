package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/hub"
)

const webhookSecret = "dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw=="

// caller posts to the webhook of a place, as a shop or a survey tool would.
type caller struct {
	place
	url    string
	client *http.Client
}

func newCaller(t *testing.T) *caller {
	t.Helper()
	address := freeAddress(t)
	p := newPlace(t, fmt.Sprintf(`
pintle {
  data_dir = "./data"
}
source "webhook" "shop" {
  listen = %q
  path   = "/in"
  secret = "whsec_%s"
  fields = {
    text   = "said"
    author = "who"
  }
}
sink "file" "out" {
  path = "out.jsonl"
}
pipeline "p" {
  from = [source.webhook.shop]
  route "all" {
    to = [sink.file.out]
  }
}
`, address, webhookSecret), nil)
	c := &caller{place: p, url: "http://" + address + "/in", client: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

// delivery is one post. Its zero values are those of a sender that does all right.
type delivery struct {
	id, body    string
	method      string
	path        string
	contentType string
	at          time.Time
	signature   string // "none" sends none
}

// post sends a delivery and returns status, body and header of the answer; 0 when there was none.
func (c *caller) post(d delivery) (int, string, http.Header) {
	if d.at.IsZero() {
		d.at = time.Now()
	}
	if d.method == "" {
		d.method = http.MethodPost
	}
	if d.contentType == "" {
		d.contentType = "application/json"
	}
	req, err := http.NewRequest(d.method, c.url+d.path, strings.NewReader(d.body))
	if err != nil {
		c.Error(err)
		return 0, "", nil
	}
	stamp := strconv.FormatInt(d.at.Unix(), 10)
	if d.signature == "" {
		d.signature = c.sign(d.id, stamp, d.body)
	}
	req.Header.Set("Content-Type", d.contentType)
	if d.signature != "none" {
		req.Header.Set("Webhook-Id", d.id)
		req.Header.Set("Webhook-Timestamp", stamp)
		req.Header.Set("Webhook-Signature", d.signature)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, "", nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", nil
	}
	return resp.StatusCode, string(body), resp.Header
}

func (c *caller) sign(id, stamp, body string) string {
	key, err := base64.StdEncoding.DecodeString(webhookSecret)
	if err != nil {
		c.Error(err)
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%s.%s", id, stamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// listening waits until somebody answers at the address.
func (c *caller) listening() {
	c.Helper()
	await(c, "the webhook to listen", func() bool {
		code, _, _ := c.post(delivery{method: http.MethodGet, signature: "none"})
		return code == http.StatusMethodNotAllowed
	})
}

// said returns how often each text has arrived.
func (c *caller) said() map[string]int {
	c.Helper()
	times := map[string]int{}
	for _, line := range c.lines("out.jsonl") {
		var e struct {
			Data struct {
				Content struct {
					Text string `json:"text"`
				} `json:"content"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			c.Fatal(err)
		}
		times[e.Data.Content.Text]++
	}
	return times
}

// TestWebhookTakesOnlyWhatIsRight: everything else is refused with its reason, and nothing of it is stored.
func TestWebhookTakesOnlyWhatIsRight(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	h := c.start()
	c.listening()
	const fine = `{"said":"fine","who":"a"}`
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	for _, s := range []struct {
		name string
		d    delivery
		code int
		says string
	}{
		{"unsigned", delivery{body: fine, signature: "none"}, 401, "the signature is missing"},
		{"signed with another secret", delivery{id: "w1", body: fine, signature: "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32))}, 401, "no signature fits"},
		{"another body than was signed", delivery{id: "w2", body: `{"said":"zebra"}`, signature: c.sign("w2", stamp, fine)}, 401, "no signature fits"},
		{"another name than was signed", delivery{id: "w3", body: fine, signature: c.sign("w2", stamp, fine)}, 401, "no signature fits"},
		{"an hour old", delivery{id: "w4", body: fine, at: time.Now().Add(-time.Hour)}, 401, "too far from ours"},
		{"an hour early", delivery{id: "w5", body: fine, at: time.Now().Add(time.Hour)}, 401, "too far from ours"},
		{"too large", delivery{id: "w6", body: `{"said":"zebra ` + strings.Repeat("x", 2<<20) + `"}`}, 413, "more than 1048576 bytes"},
		{"broken", delivery{id: "w7", body: `{"said":"zebra`}, 400, "its JSON is broken"},
		{"no object", delivery{id: "w8", body: `"zebra"`}, 400, "neither a JSON object nor a list"},
		{"empty", delivery{id: "w9", body: ``}, 400, "neither a JSON object nor a list"},
		{"no text", delivery{id: "w10", body: "{\"said\":\"zebra \xff\"}"}, 400, "not valid UTF-8"},
		{"a form", delivery{id: "w11", body: "said=zebra", contentType: "application/x-www-form-urlencoded"}, 415, "not JSON"},
		{"another path", delivery{id: "w12", body: fine, path: "/more"}, 404, "nothing is posted to this path"},
		{"a look", delivery{method: http.MethodGet}, 405, "deliveries are posted"},
		{"right", delivery{id: "w20", body: fine}, 202, `"accepted":1`},
		{"once more", delivery{id: "w20", body: fine}, 200, `"duplicate":true`},
		{"a list, one of it broken", delivery{id: "w21", body: `[{"said":"one of a list"},7]`}, 202, `"rejected":1`},
	} {
		code, body, _ := c.post(s.d)
		if code != s.code || !strings.Contains(body, s.says) || strings.Contains(body, confidential) {
			t.Errorf("%s: answer %d %s, want %d and %q", s.name, code, body, s.code, s.says)
		}
	}
	h.await("what was taken", func(s hub.Status) bool { return s.Books.Delivered == 2 && s.Books.Dead == 1 })
	h.stop().want(t, 3, 2, 1, 0)
	if got := c.said(); len(got) != 2 || got["fine"] != 1 || got["one of a list"] != 1 {
		t.Errorf("arrived %v", got)
	}
	discreet(t, result{err: h.err.String()})
}

// TestWebhookKeepsWhatItSaidYesTo kills the hub while it answers many senders at once. Whatever got a yes is there when the hub
// is up again, once, also when its sender was not sure and sent it again. // promise 1
func TestWebhookKeepsWhatItSaidYesTo(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	var yes []string // texts that were answered with 2xx
	for round := range 3 {
		h := c.start()
		c.listening()
		yes = append(yes, c.flood(round, []int{1, 40, 120}[round], h.kill)...)
	}
	h := c.start()
	c.listening()
	h.await("all to be delivered", func(s hub.Status) bool { return s.Books.InFlight == 0 && s.Books.Accepted > 0 })
	c.once(yes)
	t.Logf("%d deliveries got a yes in three lives of the hub; %d arrived", len(yes), len(c.said()))
	for n, text := range yes { // senders that are not sure
		if code, body, _ := c.post(delivery{id: text, body: fmt.Sprintf(`{"said":%q}`, text)}); code/100 != 2 {
			t.Errorf("repetition %d: answer %d %s", n, code, body)
		}
	}
	h.await("the repetitions", func(s hub.Status) bool { return s.Books.InFlight == 0 })
	if b := h.stop(); b.Delivered != b.Accepted || b.Dead != 0 {
		t.Errorf("books %+v", b)
	}
	c.once(yes)
}

// once checks that each text has arrived, and not twice.
func (c *caller) once(texts []string) {
	c.Helper()
	got := c.said()
	for _, text := range texts {
		if got[text] != 1 {
			c.Errorf("%s got a yes and has arrived %d times", text, got[text])
		}
	}
}

// flood posts from several senders until kill, which is called as soon as enough got a yes. It returns what got a yes.
func (c *caller) flood(round, enough int, kill func()) (yes []string) {
	c.Helper()
	var mu sync.Mutex // guards yes
	var senders sync.WaitGroup
	reached := make(chan struct{}) // closed when there are enough
	for sender := range 8 {
		senders.Go(func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("round-%d-sender-%d-post-%d", round, sender, n)
				code, _, _ := c.post(delivery{id: text, body: fmt.Sprintf(`{"said":%q}`, text)})
				if code == 0 {
					return
				}
				if code/100 != 2 {
					continue
				}
				mu.Lock()
				if yes = append(yes, text); len(yes) == enough {
					close(reached)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-reached:
	case <-time.After(patience):
		c.Errorf("fewer than %d got a yes", enough)
	}
	kill()
	senders.Wait()
	return yes
}
