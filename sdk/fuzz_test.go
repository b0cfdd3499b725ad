package sdk_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pintle-hub/pintle/sdk"
)

// The kept inputs in testdata/fuzz are a whole batch, additions, columns of each kind and configurations, to be mutated from
// there: go test -fuzz FuzzParseRecords ./sdk

func FuzzParseRecords(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		r, err := sdk.ParseRecords(b)
		if err != nil {
			return
		}
		again, err := sdk.ParseRecords(r.Stamp(r.Head).Bytes())
		if err != nil {
			t.Fatalf("what was read cannot be read again once stamped: %v", err)
		}
		if diff := cmp.Diff(eventsOf(r), eventsOf(again), cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("stamping changed the events:\n%s", diff)
		}
		readEveryField(t, r, nil)
		if !bytes.Equal(before, b) {
			t.Fatal("reading changed the bytes")
		}
	})
}

// readEveryField looks at all events through a view.
func readEveryField(t *testing.T, r *sdk.Records, added []*sdk.Added) {
	var v sdk.View
	for i := range r.Len() {
		v.Reset(r, i, added)
		for _, root := range []string{"event", "insight"} {
			for _, path := range sdk.KnownFields(root) {
				ref, err := sdk.ResolveRef(root, strings.Split(path, "."))
				if err != nil {
					t.Fatal(err)
				}
				_ = v.Get(&ref).Text()
			}
		}
	}
}

func FuzzParseAdditions(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte, size uint16) {
		n := int(size) % (sdk.MaxEvents + 1)
		a, err := sdk.ParseAdditions(b, n)
		if err != nil {
			return
		}
		for _, c := range a.Columns {
			for i := range n {
				_ = a.Value(i, c.Name).Text()
			}
		}
		gone := 0
		for _, d := range a.Drops {
			gone += len(d.Events)
		}
		left := a.Remaining(nil, n)
		if left == nil && gone == 0 {
			return
		}
		if len(left)+gone != n {
			t.Fatalf("of %d events %d were dropped and %d remain", n, gone, len(left))
		}
	})
}

func FuzzParseColumn(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte, size uint16) {
		n := int(size) % (sdk.MaxEvents + 1)
		v, err := sdk.ParseColumn(b, n)
		if err != nil {
			return
		}
		c := sdk.Column{Name: v.Name}
		for i := range n {
			c.Set(i, v.At(i))
		}
		again, err := sdk.ParseColumn(sdk.EncodeColumn(&c, n), n)
		if err != nil {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
		for i := range n {
			// As text, because a number may be NaN and a foreign text no UTF-8.
			if got, want := valid(again.At(i)), valid(v.At(i)); got != want {
				t.Fatalf("value %d became %q, was %q", i, got, want)
			}
		}
	})
}

func valid(v sdk.Value) string { return strings.ToValidUTF8(v.Text(), "\ufffd") }

func FuzzDecodeConfig(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var c, again everyType
		if err := sdk.DecodeConfig(data, &c); err != nil {
			return
		}
		if err := sdk.DecodeConfig(data, &again); err != nil || !reflect.DeepEqual(c, again) {
			t.Fatalf("decoded twice it differs (%v)", err)
		}
		if secret := c.Token.Reveal(); len(secret) > 8 && bytes.Contains([]byte(fmt.Sprintf("%+v", struct{ t sdk.Secret }{c.Token})), []byte(secret)) {
			t.Fatal("the secret shows")
		}
	})
}
