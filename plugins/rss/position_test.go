package rss_test

import (
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// FuzzPosition asks that whatever a stored position holds, a look at the feed gives an error with a code, or events that the hub
// takes and a position after which nothing is new. SITE stands for the address of the server.
func FuzzPosition(f *testing.F) {
	for _, from := range []string{"", "null", "{}", `{"v":1}`, `{"v":2,"url":"SITE/feed"}`, `{"v":1,"url":"SITE/feed","seen":"AAAAAAAAAAA="}`,
		`{"v":1,"url":"SITE/feed","moved":"SITE/elsewhere","etag":"x","modified":"y","body":"0"}`, `{"v":1,"url":"SITE/feed","moved":"file:///etc/hostname"}`,
		`{"v":1,"url":"SITE/feed","etag":"a\r\nHost: b","modified":"\u0000"}`, `{"v":1,"url":"SITE/feed","moved":"\u007f://"}`, `{"v":1,"seen":[1]}`} {
		f.Add([]byte(from))
	}
	s := newSite(f, feed("one two", "ETag", `"1"`))
	f.Fuzz(func(t *testing.T, from []byte) {
		from = []byte(strings.ReplaceAll(string(from), "SITE", s.URL))
		var out, again recorder
		if err := look(t, s.config(), from, &out); err != nil {
			if sdk.CodeOf(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if len(out.events) == 0 {
			return // all of it is known, or it is what it was
		}
		if err := look(t, s.config(), out.at, &again); err != nil || len(again.events) > 0 {
			t.Errorf("the second look: %v, %d events", err, len(again.events))
		}
	})
}
