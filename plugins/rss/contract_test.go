package rss_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/plugins/rss"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// longFeed is a feed of more entries than one batch holds by count alone; some have no id and no time.
func longFeed() string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>News</title>`)
	for i := range 40 {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, `<item><guid>g%d</guid><title>Entry %d</title><pubDate>Mon, 04 May 2026 08:00:%02d GMT</pubDate></item>`, i, i, i)
		case 1:
			fmt.Fprintf(&b, `<item><link>http://x.example/%d</link><description>&lt;p&gt;Text %d&lt;/p&gt;</description></item>`, i, i)
		default:
			fmt.Fprintf(&b, `<item><title>Only a title, %d</title></item>`, i)
		}
	}
	return b.String() + `</channel></rss>`
}

func invalid() []any {
	return []any{map[string]any{}, map[string]any{"url": "http://x.example/", "file": "feed.xml"}, map[string]any{"url": "ftp://x.example/feed"}}
}

func TestContractOnAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feed.xml")
	if err := os.WriteFile(path, []byte(longFeed()), 0o600); err != nil {
		t.Fatal(err)
	}
	sdktest.TestSource(t, sdktest.Suite{Program: rss.Program(), Type: "rss", Config: map[string]any{"file": path}, Invalid: invalid()})
}

func TestContractOnTheWeb(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(longFeed()))
	}))
	t.Cleanup(server.Close)
	sdktest.TestSource(t, sdktest.Suite{Program: rss.Program(), Type: "rss", Invalid: invalid(),
		Config: map[string]any{"url": server.URL + "/feed", "allow_private": true}})
}
