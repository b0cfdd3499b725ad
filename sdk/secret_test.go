package sdk_test

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

const password = "hunter2hunter2"

type guarded struct {
	Shown  sdk.Secret
	hidden sdk.Secret // fmt cannot call methods on what is not exported
	List   []sdk.Secret
	Map    map[string]sdk.Secret
	Ptr    *sdk.Secret
	any    any
	inner  struct{ deep sdk.Secret }
}

// However a plugin logs its configuration, the secret does not show.
func TestSecretsAreNeverPrinted(t *testing.T) {
	s := sdk.NewSecret(password)
	g := guarded{Shown: s, hidden: s, List: []sdk.Secret{s}, Map: map[string]sdk.Secret{"k": s}, Ptr: &s, any: s}
	g.inner.deep = s
	type plugin struct{ config guarded }
	things := map[string]any{"itself": s, "pointer": &s, "struct": g, "struct pointer": &g, "plugin": &plugin{g}, "list": []any{s, g}}
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%T", "%p", "%t", "%e", "%U", "%w", "%10.3v"}
	for name, thing := range things {
		for _, verb := range verbs {
			if out := fmt.Sprintf(verb, thing); leaks(out) {
				t.Errorf("%s with %s shows %s", name, verb, out)
			}
		}
		for how, print := range printers() {
			if out := print(thing); leaks(out) {
				t.Errorf("%s through %s shows %s", name, how, out)
			}
		}
		if out := fmt.Sprint(thing) + fmt.Errorf("open %v: %w", thing, io.EOF).Error(); leaks(out) {
			t.Errorf("%s in an error shows %s", name, out)
		}
	}
	if s.Reveal() != password || fmt.Sprint(s) != "(sensitive)" || sdk.NewSecret("").Reveal() != "" {
		t.Error("a secret does not say its text, or what it is")
	}
	if sdk.NewSecret("") != (sdk.Secret{}) || (sdk.Secret{}).Reveal() != "" {
		t.Error("the empty secret is not the zero secret")
	}
}

// leaks looks for the text, and for it in hexadecimal and as numbers.
func leaks(out string) bool {
	for _, form := range []string{password[:7], fmt.Sprintf("%x", password[:7]), fmt.Sprintf("%X", password[:7]), "104 117 110"} {
		if strings.Contains(out, form) {
			return true
		}
	}
	return false
}

func printers() map[string]func(any) string {
	into := func(write func(io.Writer, any)) func(any) string {
		return func(v any) string {
			var b strings.Builder
			write(&b, v)
			return b.String()
		}
	}
	return map[string]func(any) string{
		"json":      into(func(w io.Writer, v any) { _ = json.NewEncoder(w).Encode(v) }),
		"xml":       into(func(w io.Writer, v any) { _ = xml.NewEncoder(w).Encode(v) }),
		"gob":       into(func(w io.Writer, v any) { _ = gob.NewEncoder(w).Encode(v) }),
		"log":       into(func(w io.Writer, v any) { log.New(w, "", 0).Println(v) }),
		"slog text": into(func(w io.Writer, v any) { slog.New(slog.NewTextHandler(w, nil)).Info("x", "config", v) }),
		"slog json": into(func(w io.Writer, v any) { slog.New(slog.NewJSONHandler(w, nil)).Info("x", "config", v) }),
	}
}
