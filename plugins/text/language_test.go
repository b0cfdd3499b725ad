package text_test

import (
	"context"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

func TestLanguage(t *testing.T) {
	texts := []string{"Where is my refund, please?", "", "Wo bleibt denn mein Geld?", "12345", "自転車が遅れて届きました"}
	got := run(t, analyzer(t, "language", ``), posts(t, texts), "code", "confidence")
	for i, want := range []string{"en", "", "de", "und", "ja"} {
		code, confidence := got[0][i], got[1][i]
		if code.Text() != want || confidence.IsNull() != (want == "") {
			t.Errorf("%q: got %q with confidence %q, want %q", texts[i], code.Text(), confidence.Text(), want)
		}
	}
}

func TestLanguageIsUndWhenUnsure(t *testing.T) {
	texts := []string{"hotel"}
	sure := run(t, analyzer(t, "language", `{"min_confidence": 0}`), posts(t, texts), "code", "confidence")
	unsure := run(t, analyzer(t, "language", `{"min_confidence": 0.99}`), posts(t, texts), "code", "confidence")
	if sure[0][0].Str == "und" || unsure[0][0].Str != "und" || sure[1][0].Num != unsure[1][0].Num {
		t.Errorf("got %v and %v, want a code, then und, with the same confidence", sure, unsure)
	}
}

func TestLanguageConfig(t *testing.T) {
	_, err := specOf(t, "language").Open(context.Background(), []byte(`{"languages": ["de", "klingon"]}`))
	if sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("got %v, want an invalid configuration", err)
	}
}
