package sdk_test

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
)

// An id must come out the same in every version and every language: these are never changed.
func TestIDsAreStable(t *testing.T) {
	tests := []struct {
		name      string
		native    sdk.Native
		canonical string
		want      string
	}{
		{"plain", sdk.Native{Platform: "mastodon", Instance: "m.example", ID: "42"}, `["mastodon","m.example","42",""]`,
			"fb_smyl5zpna66t3v4pontrxqycq3yy2j6n"},
		{"a link", sdk.Native{Platform: "rss", ID: "https://x.example/?p=1&q=<2>"}, `["rss","","https://x.example/?p=1&q=<2>",""]`, ""},
		{"quotes and controls", sdk.Native{ID: "a\"b\\c\n\t\b\f\r\x01\x7f"}, `["","","a\"b\\c\n\t\b\f\r\u0001` + "\x7f" + `",""]`, ""},
		{"line separators", sdk.Native{ID: "a\u2028b\u2029"}, "[\"\",\"\",\"a\u2028b\u2029\",\"\"]", ""},
		{"other scripts", sdk.Native{ID: "日本👋", Revision: "2"}, `["","","日本👋","2"]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sum := sha256.Sum256([]byte(tt.canonical))
			byHand := "fb_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
			if got := sdk.FeedbackID(tt.native); got != byHand {
				t.Errorf("got %s, the sum of %s is %s", got, tt.canonical, byHand)
			}
			if got := sdk.FeedbackID(tt.native); tt.want != "" && got != tt.want {
				t.Errorf("got %s, want %s as ever", got, tt.want)
			}
		})
	}
}

func TestHashIDDependsOnPartsAndBorders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "parts")
		other := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "other")
		same := strings.Join(parts, "\x00,") == strings.Join(other, "\x00,") && len(parts) == len(other)
		if a, b := sdk.HashID(parts...), sdk.HashID(other...); (a == b) != same || len(a) != 32 {
			t.Fatalf("%q gives %s, %q gives %s", parts, a, other, b)
		}
	})
	for _, pair := range [][2]string{{"\xff", "\xfe"}, {"\xff", "\ufffd"}} {
		if sdk.HashID(pair[0]) == sdk.HashID(pair[1]) {
			t.Errorf("%q and %q have one id", pair[0], pair[1])
		}
	}
}
