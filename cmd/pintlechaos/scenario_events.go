package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/proxy"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func eventScenarios() []Scenario {
	return []Scenario{
		{Name: "events", Doc: "files, feeds and webhooks bring what nobody expects, and all of it is delivered, dead or refused", Short: 1, Full: 6,
			Run: runEvents},
	}
}

// messHCL is the bundled sources with a pipeline of bundled analyzers, beside a pipeline that must not notice.
const messHCL = rig.Plugin + `
pintle {
  data_dir = "./data"
}
source "offer" "a" {
  ledger = "{ledger}"
  name   = "a"
  rate   = 200
}
source "file" "posts" {
  path   = "posts.jsonl"
  follow = true
  every  = "20ms"
  fields = { id = "id", time = "at", author = "who", text = "text", subject = "about" }
}
source "rss" "feed" {
  url           = "http://%s/feed"
  every         = "10s"
  allow_private = true
}
source "webhook" "hook" {
  listen         = "%s"
  path           = "/in"
  scheme         = "none"
  allow_unsigned = true
  fields         = { id = "id", time = "at", author = "who", text = "text" }
}
analyzer "language" "lang" {}
analyzer "sentiment" "mood" {}
analyzer "trend" "talk" {
  group_by = [event.subject]
}
sink "take" "one" {
  ledger = "{ledger}"
  name   = "one"
}
sink "file" "all" {
  path = "all.jsonl"
}
sink "file" "talk" {
  path = "talk.jsonl"
}
pipeline "p" {
  from = [source.offer.a]
  route "all" {
    to = [sink.take.one]
  }
}
pipeline "mess" {
  from    = [source.file.posts, source.rss.feed, source.webhook.hook]
  through = [analyzer.language.lang, analyzer.sentiment.mood, analyzer.trend.talk]
  route "all" {
    to = [sink.file.all]
  }
  route "talk" {
    on = insight
    to = [sink.file.talk]
  }
}
`

// mess is a hub with the bundled sources, and what feeds them.
type mess struct {
	env  *rig.Env
	feed *proxy.Target
	hook string // where the webhook listens

	want    map[string]int // texts that must have been delivered, and how often
	dead    map[string]int // reasons of dead letters, and how many at least
	counter int
}

func openMess(ctx context.Context, e *rig.Env) (*mess, error) {
	m := &mess{env: e, want: map[string]int{}, dead: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m.hook = l.Addr().String()
	if m.feed, err = proxy.Serve(nil, page(feedOf())); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	e.Pipelines = map[string][]string{"p": {"a"}}
	return m, errors.Join(
		e.Configure(fmt.Sprintf(messHCL, m.feed.Addr(), m.hook)),
		e.Route("a", ledger.Route{Sinks: []string{"one"}, Window: rig.Window}),
		m.write(""), l.Close(), e.Start(ctx))
}

// page answers every look at the feed with one body.
func page(body string) func(proxy.Request) proxy.Answer {
	return func(proxy.Request) proxy.Answer {
		return proxy.Answer{Header: map[string]string{"Content-Type": "application/rss+xml"}, Body: []byte(body)}
	}
}

// feedOf makes a feed with one entry a text.
func feedOf(texts ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>feed</title>`)
	for _, t := range texts {
		fmt.Fprintf(&b, `<item><guid>%s</guid><description>%s</description></item>`, t, t)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// write appends to the file that is followed.
func (m *mess) write(text string) error {
	f, err := os.OpenFile(filepath.Join(m.env.Hub0.Dir, "posts.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// post sends a body to the webhook and returns the status of the answer.
func (m *mess) post(ctx context.Context, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.hook+"/in", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// refused posts a body that must be answered with a status.
func (m *mess) refused(ctx context.Context, body []byte, want int) error {
	got, err := m.post(ctx, body)
	if err == nil && got != want {
		err = fmt.Errorf("the webhook answered %d, want %d", got, want)
	}
	return err
}

// look makes the feed be looked at again, by a restart as after a crash, and returns when that has happened.
func (m *mess) look(ctx context.Context, body string) error {
	m.feed.Decide(page(body))
	before := len(m.feed.Times())
	if err := m.env.KillHub(ctx, true); err != nil {
		return err
	}
	return m.env.Await(ctx, 20*time.Second, "a look at the feed", func() error {
		if len(m.feed.Times()) == before {
			return errors.New("nobody has looked")
		}
		return nil
	})
}

// line makes an entry of the file and of a webhook.
func line(id string, at time.Time, who, text, about string) string {
	b, _ := json.Marshal(map[string]string{"id": id, "at": at.UTC().Format(time.RFC3339), "who": who, "text": text, "about": about}) // cannot fail
	return string(b) + "\n"
}

// name returns a word that was not used before.
func (m *mess) name(what string) string {
	m.counter++
	return fmt.Sprintf("%s-%d", what, m.counter)
}

// settled waits until what was wanted is there, and nothing else, and all is at rest.
func (m *mess) settled(ctx context.Context) error {
	return m.env.Await(ctx, 30*time.Second, "all that was brought", func() error {
		s, err := m.env.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		for _, p := range s.Pipelines {
			if p.Name == "mess" && (p.Books.InFlight > 0 || !p.Books.Balanced()) {
				return fmt.Errorf("the books are %+v", p.Books)
			}
		}
		return errors.Join(m.delivered(), m.buried(ctx))
	})
}

func (m *mess) delivered() error {
	b, err := os.ReadFile(filepath.Join(m.env.Hub0.Dir, "all.jsonl"))
	if err != nil {
		return err
	}
	got := map[string]int{}
	for l := range strings.Lines(string(b)) {
		var e struct {
			Data struct{ Content struct{ Text string } }
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			return fmt.Errorf("the sink wrote %.100q: %w", l, err)
		}
		got[shortened(e.Data.Content.Text)]++
	}
	for text, n := range m.want {
		if got[text] != n {
			err = errors.Join(err, fmt.Errorf("%q was delivered %d times, want %d", text, got[text], n))
		}
		delete(got, text)
	}
	for text, n := range got {
		err = errors.Join(err, fmt.Errorf("%q was delivered %d times and never brought", text, n))
	}
	return err
}

// shortened keeps what tells a giant text from others.
func shortened(text string) string {
	if len(text) > 60 {
		return fmt.Sprintf("%s(%d)", text[:40], len(text))
	}
	return text
}

func (m *mess) buried(ctx context.Context) error {
	dead, err := m.env.Hub0.Client().DeadLetters(ctx)
	if err != nil {
		return err
	}
	for reason, n := range m.dead {
		got := 0
		for _, d := range dead {
			if strings.Contains(d.Reason, reason) {
				got++
			}
		}
		if got != n {
			err = errors.Join(err, fmt.Errorf("%d dead letters say %q, want %d of %d", got, reason, n, len(dead)))
		}
	}
	return err
}
