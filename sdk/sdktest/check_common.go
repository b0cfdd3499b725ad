package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// reserved are names that the configuration language gives a meaning of its own, now or soon.
func reserved() []string {
	return []string{"from", "to", "when", "through", "enabled", "for_each", "depends_on", "plugin", "on_error", "batch", "rate_limit", "labels", "on"}
}

// declares looks at what a program says of itself and of the component: it is all that users see before they run it.
func (k kind) declares(t testing.TB, s *Suite) {
	spec, ok := k.spec(s)
	if !ok {
		t.Fatalf("program %q has no %s %q", s.Program.Name, k.name, s.Type)
	}
	if s.Program.Name == "" || !regexp.MustCompile(`^\d+\.\d+\.\d+([-+].*)?$`).MatchString(s.Program.Version) {
		t.Errorf("a program needs a name and a version such as 1.0.0; it has %q and %q", s.Program.Name, s.Program.Version)
	}
	checkName(t, "the type", s.Type)
	checkDoc(t, "the "+k.name, spec.doc)
	checkSchema(t, k, "", spec.schema)
	l := serve(t, s.Program, s.patience())
	ctx, cancel := l.timeout()
	defer cancel()
	if _, err := wire.Describe(ctx, l); err != nil {
		t.Errorf("a hub cannot read what the program declares: %v", err)
	}
}

func checkName(t testing.TB, what, name string) {
	t.Helper()
	if !regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`).MatchString(name) {
		t.Errorf("%s %q is not lower_snake", what, name)
	}
}

func checkDoc(t testing.TB, what, doc string) {
	t.Helper()
	if strings.TrimSpace(doc) == "" {
		t.Errorf("%s has no doc: it is what users see in plugin doc and in their editor", what)
	}
}

func checkSchema(t testing.TB, k kind, path string, schema sdk.Schema) {
	t.Helper()
	seen := map[string]bool{}
	for _, a := range schema.Attributes {
		what := "attribute " + path + a.Name
		checkName(t, what, a.Name)
		checkDoc(t, what, a.Doc)
		checkAttribute(t, what, a)
		if a.PerEvent && k.name == "source" {
			t.Errorf("%s is per event: a source has no events yet", what)
		}
		if a.PerEvent && path != "" {
			t.Errorf("%s is per event and stands in a nested block, where blocks of one name would share its values", what)
		}
		// A condition on the event is what the language itself means by when, so a per-event attribute may have that name.
		if path == "" && slices.Contains(reserved(), a.Name) && !(a.PerEvent && a.Name == "when") || seen[a.Name] {
			t.Errorf("%s: the name is taken", what)
		}
		seen[a.Name] = true
	}
	for _, b := range schema.Blocks {
		what := "block " + path + b.Name
		checkName(t, what, b.Name)
		checkDoc(t, what, b.Doc)
		if path == "" && slices.Contains(reserved(), b.Name) || seen[b.Name] {
			t.Errorf("%s: the name is taken", what)
		}
		if b.Max > 0 && b.Min > b.Max || b.Min < 0 {
			t.Errorf("%s must stand at least %d and at most %d times", what, b.Min, b.Max)
		}
		seen[b.Name] = true
		checkSchema(t, k, path+b.Name+".", b.Schema)
	}
}

func checkAttribute(t testing.TB, what string, a sdk.Attribute) {
	t.Helper()
	anyType := a.Type == sdk.TypeAny || a.Type == sdk.TypeAnyList || a.Type == sdk.TypeAnyMap
	if a.PerEvent != anyType {
		t.Errorf("%s has type %s, per event %v: the two belong together", what, a.Type, a.PerEvent)
	}
	if a.Required && a.Default != "" {
		t.Errorf("%s is required and has the default %q: one of them never counts", what, a.Default)
	}
	if a.Min != nil && a.Max != nil && *a.Min > *a.Max {
		t.Errorf("%s lies between %v and %v, so never", what, *a.Min, *a.Max)
	}
	if a.Default == "" {
		return
	}
	if a.Sensitive {
		t.Errorf("%s is sensitive and has a default: a secret that everybody knows", what)
	}
	n, err := measure(a)
	switch {
	case err != nil:
		t.Errorf("%s: its default %q cannot be read: %v", what, a.Default, err)
	case a.Enum != nil && !slices.Contains(a.Enum, a.Default):
		t.Errorf("%s: its default %q is none of %s", what, a.Default, strings.Join(a.Enum, ", "))
	case a.Min != nil && n < *a.Min || a.Max != nil && n > *a.Max:
		t.Errorf("%s: its default %q is out of its own bounds", what, a.Default)
	}
}

// measure reads a default in its notation and returns what min and max bound.
func measure(a sdk.Attribute) (float64, error) {
	switch a.Type {
	case sdk.TypeDuration:
		d, err := sdk.ParseDuration(a.Default)
		return d.Seconds(), err
	case sdk.TypeSize:
		size, err := sdk.ParseSize(a.Default)
		return float64(size), err
	case sdk.TypeString:
		return float64(len(a.Default)), nil
	case sdk.TypeNumber:
		var n float64
		err := json.Unmarshal([]byte(a.Default), &n)
		return n, err
	case sdk.TypeBool:
		var b bool
		return 0, json.Unmarshal([]byte(a.Default), &b)
	case sdk.TypeStringList:
		var list []string
		err := json.Unmarshal([]byte(a.Default), &list)
		return float64(len(list)), err
	}
	var m map[string]string
	err := json.Unmarshal([]byte(a.Default), &m)
	return float64(len(m)), err
}

// opens opens the component with the configuration of the suite, and closes it without any use.
func (k kind) opens(t testing.TB, s *Suite) {
	spec, _ := k.spec(s)
	settings, err := settingsOf(spec.schema, s.config(t))
	if err != nil {
		t.Fatalf("the configuration of the suite: %v", err)
	}
	l := serve(t, s.Program, s.patience())
	session, err := k.open(l, s.Type, settings.json)
	if err != nil {
		t.Fatalf("it does not open with a valid configuration: %v", err)
	}
	session.Close()
}

// refuses opens the component with values of the wrong type, and with what the suite says is wrong.
func (k kind) refuses(t testing.TB, s *Suite) {
	spec, _ := k.spec(s)
	settings, err := settingsOf(spec.schema, s.config(t))
	if err != nil {
		t.Fatalf("the configuration of the suite: %v", err)
	}
	l := serve(t, s.Program, s.patience())
	for what, config := range wrong(spec.schema, settings.json) {
		k.wantInvalid(t, l, s.Type, what, config)
	}
	for i, config := range s.Invalid {
		settings, err := settingsOf(spec.schema, config)
		if err != nil {
			t.Errorf("Invalid[%d] of the suite never reaches the component: %v", i, err)
			continue
		}
		k.wantInvalid(t, l, s.Type, fmt.Sprintf("Invalid[%d] of the suite", i), settings.json)
	}
}

func (k kind) wantInvalid(t testing.TB, l *link, typ, what string, config []byte) {
	t.Helper()
	session, err := k.open(l, typ, config)
	if err == nil {
		session.Close()
		t.Errorf("it opens with %s: a hub would run it and nobody would know", what)
		return
	}
	if code := sdk.CodeOf(err); code != sdk.Invalid {
		t.Errorf("opening with %s fails with code %s, want %s, so that the hub does not try again: %v", what, code, sdk.Invalid, err)
	}
}

// wrong spoils a good configuration in every way that a type can be missed.
func wrong(schema sdk.Schema, good []byte) map[string][]byte {
	spoilt := map[string][]byte{"a configuration that is a list": []byte(`[]`), "half a configuration": []byte(`{"a":`)}
	for _, a := range schema.Attributes {
		if a.Type == sdk.TypeAny {
			continue // there is only true
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(good, &object) != nil || object == nil {
			object = map[string]json.RawMessage{}
		}
		object[a.Name] = json.RawMessage(`[{"a":[1.5]}]`) // fits no type of attribute
		if b, err := json.Marshal(object); err == nil {
			spoilt["a list of objects for the "+string(a.Type)+" "+a.Name] = b
		}
	}
	return spoilt
}

// opened opens a component of any kind, with the patience of the link.
func opened[S session](l *link, open func(context.Context) (S, error)) (session, error) {
	ctx, cancel := l.timeout()
	defer cancel()
	s, err := open(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}
