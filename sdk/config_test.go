package sdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

func decode(t *testing.T, data string) everyType {
	t.Helper()
	var c everyType
	if err := sdk.DecodeConfig([]byte(data), &c); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
	return c
}

func TestDecodeConfigFillsEveryType(t *testing.T) {
	c := decode(t, `{"text":"hello","named":"fast","whole":5,"long":9007199254740993,"fraction":0.25,"yes":false,"every":"2w",
		"limit":1024,"token":"t0k3n","password":"pw","list":["x"],"map":{"k":"v"},"one":true,"several":2,"mapped":["b","a"],
		"rule":[{"name":"first","soft":true,"retry":[{"most":1},{}]},{"name":"second"}],
		"tls":[{"ca":"ca.pem","key":"k3y"}],"retry":[{"pause":"250ms"}],"later":{"of":"a newer hub"}}`)
	day := 24 * time.Hour
	if c.Text != "hello" || c.Named != "fast" || c.Whole != 5 || c.Long != 9007199254740993 || c.Fraction != 0.25 || c.Yes ||
		c.Every != 14*day || c.Limit != 1024 || c.Token.Reveal() != "t0k3n" || c.Password != "pw" {
		t.Errorf("scalars: %+v, token %q", c, c.Token.Reveal())
	}
	if diff := cmp.Diff([]string{"x"}, c.List) + cmp.Diff(map[string]string{"k": "v"}, c.Map); diff != "" {
		t.Errorf("collections (-want +got):\n%s", diff)
	}
	if !c.One.IsSet() || len(c.Several.Items()) != 2 || len(c.Mapped.Items()) != 2 || !cmp.Equal(c.Mapped.Keys(), []string{"b", "a"}) {
		t.Errorf("per-event attributes: %+v %+v %+v", c.One, c.Several, c.Mapped)
	}
	if len(c.Rules) != 2 || c.Rules[0].Name != "first" || !c.Rules[0].Soft || c.Rules[1].Soft {
		t.Fatalf("rules: %+v", c.Rules)
	}
	if diff := cmp.Diff([]retry{{3 * time.Second, 1}, {3 * time.Second, 7}}, c.Rules[0].Deep); diff != "" {
		t.Errorf("blocks in blocks (-want +got):\n%s", diff)
	}
	if c.TLS == nil || c.TLS.CA != "ca.pem" || c.TLS.Key.Reveal() != "k3y" || c.Retry != (retry{250 * time.Millisecond, 7}) {
		t.Errorf("tls %+v, retry %+v", c.TLS, c.Retry)
	}
}

func TestDecodeConfigTakesDefaults(t *testing.T) {
	for _, data := range []string{``, ` `, `{}`, `{"whole":null,"every":null,"rule":null,"tls":null,"token":null,"one":null}`, `{"rule":[],"tls":[]}`} {
		c := decode(t, data)
		if c.Named != "safe" || c.Whole != 3 || c.Long != -4 || c.Fraction != 0.5 || !c.Yes || c.Every != 5*time.Minute ||
			c.Limit != 64<<10 || c.Retry != (retry{3 * time.Second, 7}) || !cmp.Equal(c.List, []string{"a", "b"}) {
			t.Errorf("%q gives %+v", data, c)
		}
		if c.Text != "" || c.Token != (sdk.Secret{}) || c.One.IsSet() || c.TLS != nil || len(c.Rules) != 0 || len(c.Mapped.Keys()) != 0 {
			t.Errorf("%q sets what was not given: %+v", data, c)
		}
	}
}

func TestDecodeConfigRefuses(t *testing.T) {
	tests := map[string]string{
		`{`:                                   "",
		`[]`:                                  "",
		`{"whole":"3"}`:                       "whole",
		`{"whole":1.5}`:                       "whole",
		`{"every":5}`:                         "every",
		`{"every":"5"}`:                       "every",
		`{"token":5}`:                         "token",
		`{"list":"x"}`:                        "list",
		`{"several":"x"}`:                     "several",
		`{"several":1e9}`:                     "several",
		`{"several":-1}`:                      "several",
		`{"mapped":2}`:                        "mapped",
		`{"rule":{"name":"x"}}`:               "rule",
		`{"rule":[{"retry":[{"most":"x"}]}]}`: "rule: retry: most",
		`{"tls":[{"ca":1}]}`:                  "tls: ca",
		`{"retry":[{"pause":"x"}]}`:           "retry: pause",
	}
	for data, says := range tests {
		var c everyType
		if err := sdk.DecodeConfig([]byte(data), &c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got error %v, want one that names %q", data, err, says)
		}
	}
}

func TestDecodeConfigStartsFromNothing(t *testing.T) {
	var c everyType
	for range 2 {
		if err := sdk.DecodeConfig([]byte(`{"several":2,"mapped":["a"]}`), &c); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.Several.Items()) != 2 || len(c.Mapped.Items()) != 1 {
		t.Errorf("decoded twice: %d and %d expressions, want 2 and 1", len(c.Several.Items()), len(c.Mapped.Items()))
	}
}

func TestOpenersDecodeFirst(t *testing.T) {
	boom := errors.New("boom")
	spec := sdk.NewSource("s", "doc", func(_ context.Context, c retry) (sdk.Source, error) {
		if c.Most == 9 {
			return nil, boom
		}
		return nil, nil
	})
	if _, err := spec.Open(t.Context(), []byte(`{"most":"x"}`)); sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("a configuration that does not fit: %v", err)
	}
	if _, err := spec.Open(t.Context(), []byte(`{"most":9}`)); !errors.Is(err, boom) {
		t.Errorf("the plugin's own error: %v", err)
	}
	if spec.Type != "s" || spec.Doc != "doc" || len(spec.Schema.Attributes) != 2 {
		t.Errorf("spec %+v", spec)
	}
	defer func() {
		if recover() == nil {
			t.Error("a configuration that is no struct was taken")
		}
	}()
	sdk.NewSink("x", "", sdk.NoKey, func(context.Context, int) (sdk.Sink, error) { return nil, nil })
}
