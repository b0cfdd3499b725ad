package token_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/plugins/text/internal/token"
)

func words(text string) []string {
	var s token.Splitter
	var list []string
	for _, t := range s.Split(text) {
		list = append(list, string(t.Text))
	}
	return list
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"words and signs", "Where is it?!", "where is it ? !"},
		{"apostrophes", "Don't, l’addition 'quoted'", "don't , l'addition ' quoted '"},
		{"accounts and addresses", "@tarnwheel see https://example.org/a?b=c now www.example.org", "@ see :// now ://"},
		{"mail is no account", "a@example.org", "a @ . org"},
		{"numbers", "order 4711-12 cost 12.50 on 3/4/2026 at 10:30, 123456", "order 0000 - 00 cost 00.00 on 0/0/0000 at 00:00 , 0000"},
		{"drawn out", "sooooo COOOL!!!!!", "soo cool !!!"},
		{"tags", "#Refund now", "refund now"},
		{"emoji", "good👍🏽 ☀️ :-) <3 :(", "good 👍 ☀ :-) <3 :("},
		{"a link is no smiley", "a:p/x", "a : p / x"},
		{"a smiley before what cannot be seen", "good:)\ufeff", "good :)"},
		{"invisible characters", "re\u200bfund\u202e now\u00ad", "refund now"},
		{"other scripts", "ГДЕ мой Заказ", "где мой заказ"},
		{"no text", "\xff\xfe\x00", ""},
	} {
		if diff := cmp.Diff(c.want, strings.Join(words(c.text), " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestHowAWordWasWritten(t *testing.T) {
	var s token.Splitter
	got := s.Split("NOW sooo #late I it")
	for i, want := range []token.Token{{Upper: true}, {Drawn: true}, {Tag: true}, {}, {}} {
		if got[i].Upper != want.Upper || got[i].Drawn != want.Drawn || got[i].Tag != want.Tag {
			t.Errorf("word %d: %+v, want %+v", i, got[i], want)
		}
	}
}

// FuzzSplit: whatever comes, the tokens are text, and there is a bound of time for each byte.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"Where is it?", "@a http://x", "sooo 12.5 👍🏽", "\xff\u200b:-)", strings.Repeat("http://", 40)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s token.Splitter
		began := time.Now()
		for _, tok := range s.Split(text) {
			if len(tok.Text) == 0 || !utf8.Valid(tok.Text) {
				t.Fatalf("token %q", tok.Text)
			}
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%d bytes took %s", len(text), took)
		}
	})
}
