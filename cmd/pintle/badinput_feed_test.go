package main_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// feeds is a server of feeds that mean harm, and of some that do not.
func feeds(t *testing.T) *httptest.Server {
	t.Helper()
	var looks atomic.Int32
	item := func(n int) string {
		return fmt.Sprintf("<item><guid>%d</guid><title>zebra</title><description>post %d</description></item>", n, n)
	}
	pages := map[string]string{
		"good":  rss(item(1)),
		"slow":  rss(item(2)),
		"deep":  rss(strings.Repeat("<a>", 20_000) + "zebra" + strings.Repeat("</a>", 20_000)),
		"many":  rss(strings.Repeat("<item><title>zebra</title></item>", 12_000)),
		"cut":   rss(item(3))[:60],
		"page":  "<!doctype html><html><body><p>zebra</p></body></html>",
		"laugh": `<!DOCTYPE x [<!ENTITY a "zebra"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>` + rss("<item><guid>4</guid><title>&c;</title><description>post 4</description></item>"),
	}
	bomb := gzipBomb(t, 48<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		switch {
		case name == "bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb) // who reads it may stop
		case name == "gone":
			w.WriteHeader(http.StatusGone)
		case name == "slow" && looks.Add(1) < 3:
			w.WriteHeader(http.StatusBadGateway)
		case pages[name] == "":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte(pages[name]))
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func rss(items string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>c</title>` + items + "</channel></rss>"
}

// gzipBomb returns few bytes that unpack to n.
func gzipBomb(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	chunk := bytes.Repeat([]byte("<item/>"), 150_000)
	for written := 0; written < n; written += len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFeedsThatMeanHarm: each of them ends with its reason and costs the others nothing. A server that is down for a moment is
// asked again.
func TestFeedsThatMeanHarm(t *testing.T) {
	t.Parallel()
	server := feeds(t)
	want := map[string]string{
		"good": "", "slow": "", "laugh": "",
		"bomb": "larger than 10 MiB", "deep": "nests elements deeper than 64 levels", "many": "12000 entries, at most 7000",
		"cut": "broken", "page": "neither RSS nor Atom nor JSON Feed", "gone": "gone for good (http 410)", "nowhere": "no feed there (http 404)",
	}
	hcl := "pintle {\n  data_dir = \"./data\"\n}\n"
	var from []string
	for name := range want {
		hcl += fmt.Sprintf("source \"rss\" %q {\n  url = \"%s/%s\"\n  allow_private = true\n}\n", name, server.URL, name)
		from = append(from, "source.rss."+name)
	}
	hcl += "sink \"file\" \"out\" {\n  path = \"out.txt\"\n  format = \"text\"\n  line = event.text\n}\npipeline \"p\" {\n  from = [" +
		strings.Join(from, ", ") + "]\n  route \"all\" {\n    to = [sink.file.out]\n  }\n}\n"
	p := newPlace(t, hcl, nil)
	b, r := p.runIdle(1)
	b.want(t, 3, 3, 0, 0)
	discreet(t, r)
	for name, reason := range want {
		if reason != "" {
			says(t, "the run", lineWith(r.err, "pintle: source.rss."+name+":", "source.rss."+name+": "), reason)
		}
	}
	got := p.lines("out.txt")
	slices.Sort(got)
	if !slices.Equal(got, []string{"post 1", "post 2", "post 4"}) {
		t.Errorf("arrived %q", got)
	}
}

// lineWith returns the last line that holds one of the words.
func lineWith(text string, words ...string) (found string) {
	for line := range strings.SplitSeq(text, "\n") {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(line, w) }) {
			found = line
		}
	}
	return found
}
