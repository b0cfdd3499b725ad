package main

import (
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/zoo"
)

// Every way to misbehave is shown in the full run, and what a group names is there.
func TestEveryAnimalIsShown(t *testing.T) {
	shown := map[string]bool{}
	for word := range strings.FieldsSeq(strings.Join(zooGroups(), " ")) {
		name, kind, _ := strings.Cut(word, ":")
		m, ok := zoo.Find(name)
		if !ok || !strings.Contains(m.Kinds, kind) {
			t.Errorf("a group names %q", word)
		}
		shown[name] = true
	}
	names := map[string]bool{}
	for _, m := range zoo.Modes() {
		if !shown[m.Name] {
			t.Errorf("%s is never shown", m.Name)
		}
		if names[m.Name] || m.Doc == "" || m.Kinds == "" || strings.Trim(m.Kinds, "sak") != "" {
			t.Errorf("mode %+v stands twice, has no doc or an unknown kind", m)
		}
		names[m.Name] = true
	}
	if len(names) < 24 {
		t.Errorf("the zoo has %d ways to misbehave", len(names))
	}
	t.Logf("%d ways to misbehave", len(names))
}
