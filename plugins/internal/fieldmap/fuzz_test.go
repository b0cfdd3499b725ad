package fieldmap_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// FuzzJSON holds the walk against encoding/json: what was mapped plus what was kept is the whole object.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":{"b":"x","c":[1,2]},"t":"text","n":null}`))
	f.Add([]byte(`{"a":[{"b":1}],"t":{"x":1}}`))
	f.Add([]byte(` {"a.b":12,"t":"\ud83d\"\\" , "q":{"":[ ]}}`))
	m := newMap(f, map[string]string{"id": "a.b", "text": "t"})
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := m.JSON(raw)
		whole, ok := object(raw)
		if !ok {
			if err == nil {
				t.Fatal("made an event of what is no object")
			}
			return
		}
		if err != nil || repeats(raw) || whole["a.b"] != nil {
			return // where a name stands twice the two readings differ
		}
		checkHub(t, e)
		want := map[string]any{}
		if len(e.Data) > 0 {
			if want, ok = object(e.Data); !ok {
				t.Fatalf("data is no object: %s", e.Data)
			}
		}
		put(want, e.Feedback.Text, "t")
		put(want, e.Feedback.Native.ID, "a", "b")
		clean(whole)
		clean(want)
		if diff := cmp.Diff(whole, want); diff != "" {
			t.Errorf("object (-whole +mapped and kept):\n%s", diff)
		}
	})
}

func object(raw []byte) (map[string]any, bool) {
	if bytes.ContainsRune(raw, '\uFFFD') {
		return nil, false
	}
	var o map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, false
	}
	_, err := d.Token()
	return o, err == io.EOF
}

// checkHub hands the event to the contract itself.
func checkHub(t *testing.T, e sdk.Event) {
	e.ID = "x"
	if _, err := sdk.BatchOf(e); err != nil {
		t.Errorf("the hub refuses the event: %v", err)
	}
}

// put sets o[path] to s, as the text it was mapped to.
func put(o map[string]any, s string, path ...string) {
	for ; len(path) > 1; path = path[1:] {
		below, ok := o[path[0]].(map[string]any)
		if !ok && (o[path[0]] != nil || s == "") {
			return
		}
		if !ok {
			below = map[string]any{}
			o[path[0]] = below
		}
		o = below
	}
	if s != "" {
		o[path[0]] = s
	}
}

// clean makes alike what mapping does not tell apart: scalars become texts in mapped places, nothing goes.
func clean(o map[string]any) {
	if s, ok := o["t"]; ok {
		o["t"] = s
		scalar(o, "t")
	}
	if a, ok := o["a"].(map[string]any); ok {
		scalar(a, "b")
		if len(a) == 0 {
			delete(o, "a")
		}
	}
}

func scalar(o map[string]any, name string) {
	switch v := o[name].(type) {
	case nil:
		delete(o, name)
	case bool:
		o[name] = map[bool]string{true: "true", false: "false"}[v]
	case json.Number:
		o[name] = v.String()
	case string:
		if v == "" {
			delete(o, name)
		}
	}
}

// repeats reports whether any object in raw has two members of one name.
func repeats(raw []byte) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	return repeatsIn(d)
}

func repeatsIn(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return true
			}
			s, _ := name.(string)
			if seen[s] || strings.ContainsRune(s, '\uFFFD') {
				return true
			}
			seen[s] = true
		}
		if repeatsIn(d) {
			return true
		}
	}
	_, _ = d.Token()
	return false
}
