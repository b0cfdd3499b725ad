package rss_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// inFile writes a feed and returns a configuration that reads it.
func inFile(t testing.TB, feed string) map[string]any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "feed.xml")
	if err := os.WriteFile(path, []byte(feed), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"file": path}
}

func rssFeed(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><language>en</language>` +
		strings.Join(items, "") + `</channel></rss>`
}

func rssItem(guid, title string) string {
	return fmt.Sprintf("<item><guid>%s</guid><title>%s</title></item>", guid, title)
}

func TestReadsTheQuickstart(t *testing.T) {
	var out recorder
	if err := look(t, map[string]any{"file": "../../examples/quickstart/channels/blog-feed.xml"}, nil, &out); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if len(out.events) != 28 {
		t.Fatalf("%d events, want 28", len(out.events))
	}
	last := out.events[27]
	want := sdk.Event{
		Time: time.Date(2026, 5, 23, 11, 11, 0, 0, time.UTC),
		Data: []byte(`{"feed":"Tarnwheel Community"}`),
		Feedback: &sdk.Feedback{
			Title: "Chain care in ten minutes",
			Text: "Wipe, oil, wait, wipe. That is the whole secret. People forget the second wipe, and then they wonder why " +
				"their trousers look like a map. The long version has pictures.",
			HTML: last.Feedback.HTML, Lang: "en", URL: "https://community.tarnwheel.example/t/tw-2128",
			Native: sdk.Native{Platform: "rss", Instance: "blog-feed.xml", ID: "tw-2128", Revision: last.Feedback.Native.Revision},
			Author: sdk.Author{ID: "workshop_wilma", Handle: "workshop_wilma", Display: "workshop_wilma"},
		},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("newest entry (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(last.Feedback.HTML, "<p>Wipe") {
		t.Errorf("HTML %q", last.Feedback.HTML)
	}
	if first := out.events[0].Time; !first.Before(last.Time) {
		t.Errorf("the first event is of %s: not the oldest", first)
	}
}

func TestReadsAtomAndJSONFeed(t *testing.T) {
	atom := `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Neues</title><author><name>Ida</name></author>
		<entry><id>urn:1</id><title>Eins</title><link href="https://a.example/1"/><updated>2026-05-04T10:00:00Z</updated>
		<published>2026-05-03T10:00:00Z</published><category term="a"/><content type="html">&lt;p&gt;Hallo &amp;amp; Tsch&#252;ss&lt;/p&gt;</content>
		<link rel="enclosure" href="https://a.example/p.png" type="image/png"/></entry></feed>`
	json := "\xef\xbb\xbf" + `{"version":"https://jsonfeed.org/version/1.1","title":"News","language":"en","items":[
		{"id":7,"content_text":"5 < 7 & 8 > 3","date_published":"2026-05-04T10:00:00Z","url":"https://j.example/7","authors":[{"name":"Joe"}]}]}`
	for _, c := range []struct {
		feed, title, text, author, id, lang string
		at                                  string
	}{
		{atom, "Eins", "Hallo & Tschüss", "Ida", "urn:1", "de", "2026-05-03T10:00:00Z"},
		{json, "", "5 < 7 & 8 > 3", "Joe", "7", "en", "2026-05-04T10:00:00Z"},
	} {
		var out recorder
		if err := look(t, inFile(t, c.feed), nil, &out); err != nil || len(out.events) != 1 {
			t.Fatalf("Run: %v, %d events", err, len(out.events))
		}
		e := out.events[0]
		fb := e.Feedback
		got := []string{fb.Title, fb.Text, fb.Author.ID, fb.Native.ID, fb.Lang, e.Time.Format(time.RFC3339)}
		if diff := cmp.Diff([]string{c.title, c.text, c.author, c.id, c.lang, c.at}, got); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	}
	var out recorder
	_ = look(t, inFile(t, atom), nil, &out)
	fb := out.events[0].Feedback
	if diff := cmp.Diff([]sdk.Media{{URL: "https://a.example/p.png", MIME: "image/png"}}, fb.Media); diff != "" {
		t.Errorf("media (-want +got):\n%s", diff)
	}
	if want := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC); !fb.Native.EditedAt.Equal(want) {
		t.Errorf("edited at %s", fb.Native.EditedAt)
	}
	if got := string(out.events[0].Data); got != `{"feed":"Neues","categories":["a"]}` {
		t.Errorf("data %s", got)
	}
}

func TestTextOfHTML(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"plain  text\nas it is", "plain  text\nas it is"},
		{"<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"},
		{"a&nbsp;&lt;b&gt; &amp;amp; c&#x263a;", "a <b> &amp; c☺"},
		{"<ul><li>x</li><li>y</li></ul>z", "- x\n- y\n\nz"},
		{"<div>a<script>alert('<p>')</script><style>p{}</style><span>b</span></div>", "ab"},
		{"<b>bold</b>ly <i>go</i>", "boldly go"},
		{"<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"},
		{"is 5 < 6 & 7 <", "is 5 < 6 & 7 <"},
		{strings.Repeat("<div>", 3000) + "deep", "deep"},
		{"<p></p>", "the title"},
	} {
		feed := rssFeed("<item><guid>1</guid><title>the title</title><description><![CDATA[" + c.html + "]]></description></item>")
		var out recorder
		if err := look(t, inFile(t, feed), nil, &out); err != nil || len(out.events) != 1 {
			t.Fatalf("Run: %v, %d events", err, len(out.events))
		}
		if got := out.events[0].Feedback.Text; got != c.want {
			t.Errorf("text of %.60q is %q, want %q", c.html, got, c.want)
		}
	}
}

func TestEmitsWhatIsNewOrChanged(t *testing.T) {
	config := inFile(t, rssFeed(rssItem("2", "b"), rssItem("1", "a")))
	path := config["file"].(string)
	var at sdk.Position
	seen := map[string]bool{}
	for _, step := range []struct {
		feed string
		want []string
	}{
		{rssFeed(rssItem("2", "b"), rssItem("1", "a")), []string{"a", "b"}},
		{rssFeed(rssItem("2", "b"), rssItem("1", "a")), nil},
		{rssFeed(rssItem("3", "c"), rssItem("2", "b"), rssItem("1", "a")), []string{"c"}},
		{rssFeed(rssItem("3", "c"), rssItem("2", "b, mended"), rssItem("1", "a")), []string{"b, mended"}},
		{rssFeed(), nil}, // the feed flickers
		{rssFeed(rssItem("4", "d"), rssItem("3", "c"), rssItem("2", "b, mended")), []string{"d"}},
		{rssFeed(rssItem("5", "e"), rssItem("5", "e"), rssItem("1", "a")), []string{"e"}},
		{rssFeed("<item><title>no guid</title></item>", "<item><title>no guid</title></item>"), []string{"no guid"}},
	} {
		if err := os.WriteFile(path, []byte(step.feed), 0o600); err != nil {
			t.Fatal(err)
		}
		var out recorder
		if err := look(t, config, at, &out); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if diff := cmp.Diff(step.want, titles(out.events)); diff != "" {
			t.Fatalf("events of %s (-want +got):\n%s", step.feed, diff)
		}
		for _, id := range ids(out.events) {
			if seen[id] {
				t.Errorf("the id %s came twice", id)
			}
			seen[id] = true
		}
		if out.at != nil {
			at = out.at
		}
	}
}

// A hub that is killed at any call must, with the next start, have everything exactly once.
func TestResumesAtEveryBorder(t *testing.T) {
	var items, older []string
	for i := range 6000 {
		items = append(items, rssItem(fmt.Sprint(i), fmt.Sprintf("title %d", i)))
		if i < 3000 { // at the top of the feed, so that what is new comes first
			older = append(older, items[i])
		}
	}
	config := inFile(t, rssFeed(older...))
	var before recorder
	if err := look(t, config, nil, &before); err != nil || len(before.events) != 3000 {
		t.Fatalf("Run: %v, %d events", err, len(before.events))
	}
	if err := os.WriteFile(config["file"].(string), []byte(rssFeed(items...)), 0o600); err != nil {
		t.Fatal(err)
	}
	var whole recorder
	if err := look(t, config, before.at, &whole); err != nil || len(whole.events) != 3000 {
		t.Fatalf("Run: %v, %d events", err, len(whole.events))
	}
	for n := 1; n <= whole.calls; n += 3 {
		first := recorder{dieAfter: n}
		if err := look(t, config, before.at, &first); (err == nil) != (n == whole.calls) {
			t.Fatalf("killed after %d calls: %v", n, err)
		}
		var second recorder
		if err := look(t, config, first.at, &second); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if diff := cmp.Diff(ids(whole.events), append(ids(first.events), ids(second.events)...)); diff != "" {
			t.Fatalf("killed after %d calls (-undisturbed +killed):\n%s", n, diff)
		}
	}
}

func TestRefusesFeeds(t *testing.T) {
	deep := strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70)
	many := make([]string, 7001)
	for i := range many {
		many[i] = rssItem(fmt.Sprint(i), "secret")
	}
	for _, c := range []struct{ name, feed, want string }{
		{"a web page", "<html><body>secret</body></html>", "neither RSS nor Atom nor JSON Feed"},
		{"nothing", "", "neither RSS nor Atom nor JSON Feed"},
		{"broken XML", "<rss><channel>\n\n<item><title>secret</item></channel></rss", "XML is broken in line 3"},
		{"broken JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"secret"`, "the feed is broken"},
		{"JSON of another kind", `{"items":"secret"}`, "the feed is broken"},
		{"too deep", rssFeed("<item>" + deep + "</item>"), "deeper than 64"},
		{"too deep and never closed", "<rss><channel>" + strings.Repeat("<item>", 100_000), "deeper than 64"},
		{"too many entries", rssFeed(many...), "7001 entries"},
		{"too many elements", rssFeed(strings.Repeat("<x/>", 250_001)), "250000 elements"},
		{"too many objects", `{"items":[` + strings.Repeat("{},", 250_001) + "{}]}", "250000 elements"},
		{"too large", rssFeed("<item><title>" + strings.Repeat("x", 10<<20) + "</title></item>"), "larger than 10 MiB"},
		{"entity bomb", `<!DOCTYPE rss [<!ENTITY a "secretsecret"><!ENTITY b "&a;&a;&a;">]><rss><channel><item><title>&b;</title>`, "broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out recorder
			err := look(t, inFile(t, c.feed), nil, &out)
			if err == nil || sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want an invalid one with %q and nothing of the feed", err, c.want)
			}
			if len(out.events) > 0 {
				t.Errorf("%d events", len(out.events))
			}
		})
	}
}

func TestTakesFeedsThatAreNotQuiteRight(t *testing.T) {
	for _, c := range []struct{ name, feed, want string }{
		{"control characters", rssFeed(rssItem("1", "a\x0bb\x00c")), "abc"},
		{"Latin 1", `<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel>` + rssItem("1", "caf\xe9") + `</channel></rss>`, "café"},
		{"HTML entities", rssFeed(rssItem("1", "caf&eacute;")), "café"},
		{"white space before", "\xef\xbb\xbf\n\n<rss><channel>" + rssItem("1", "a") + "</channel></rss>", "a"},
		{"bad date", rssFeed("<item><title>a</title><pubDate>yesterday</pubDate></item>"), "a"},
		{"a date before time", rssFeed("<item><title>a</title><pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate></item>"), "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out recorder
			if err := look(t, inFile(t, c.feed), nil, &out); err != nil {
				t.Fatalf("Run: %v", err)
			}
			if diff := cmp.Diff([]string{c.want}, titles(out.events)); diff != "" {
				t.Errorf("titles (-want +got):\n%s", diff)
			}
			if strings.Contains(c.name, "date") && (!out.events[0].Time.IsZero() || !strings.Contains(string(out.events[0].Data), `"published"`)) {
				t.Errorf("time %s, data %s; want none, and the date as it was", out.events[0].Time, out.events[0].Data)
			}
		})
	}
}

func TestRejectsAnEntryThatIsTooLarge(t *testing.T) {
	large := "<item><guid>2</guid><description>" + strings.Repeat("<![CDATA[<b>x</b>]]>", 200_000) + "</description></item>"
	config := inFile(t, rssFeed(rssItem("3", "c"), large, rssItem("1", "a")))
	var out, again recorder
	if err := look(t, config, nil, &out); err != nil {
		t.Fatalf("Run: %v", err)
	}
	got := titles(out.events)
	if len(got) != 3 || got[0] != "a" || !strings.Contains(got[1], "bytes") || got[2] != "c" {
		t.Errorf("events %.300q", got)
	}
	if err := look(t, config, out.at, &again); err != nil || len(again.events) > 0 {
		t.Errorf("the second look: %v, %d events", err, len(again.events))
	}
}

func TestRefusesConfigurations(t *testing.T) {
	for _, config := range []map[string]any{
		{}, {"url": "http://a.example/", "file": "x"}, {"url": "a.example/feed"}, {"url": "ftp://a.example/feed"}, {"url": "http:///feed"},
		{"url": "http://a.example/" + strings.Repeat("x", 3000)},
	} {
		if _, err := open(config); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("Open of %.80v: %v, want invalid", config, err)
		}
	}
	s, err := open(map[string]any{"file": "none.xml"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background(), nil, &recorder{}); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := s.Run(context.Background(), sdk.Position("x"), &recorder{}); sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("a stranger's position: %v", err)
	}
}

// FuzzFeed asks that whatever a feed holds, the source neither panics nor makes an event that the hub refuses, and that a
// second look at the same feed finds nothing new.
func FuzzFeed(f *testing.F) {
	f.Add([]byte(rssFeed(rssItem("1", "a&amp;b"), "<item><description>&lt;p&gt;x&lt;/p&gt;</description></item>")))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><content type="xhtml"><div>x<br/></div></content></entry></feed>`))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"content_html":"<p>x","authors":[{}]},{}]}`))
	f.Add([]byte(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><item><title>x</title></item></rdf:RDF>`))
	f.Fuzz(func(t *testing.T, feed []byte) {
		config := inFile(t, string(feed))
		var out, again recorder
		if err := look(t, config, nil, &out); err != nil {
			return
		}
		if err := look(t, config, out.at, &again); err != nil || len(again.events) > 0 {
			t.Errorf("the second look: %v, %d events", err, len(again.events))
		}
	})
}
