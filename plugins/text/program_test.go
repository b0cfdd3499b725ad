package text_test

import (
	"testing"

	"github.com/pintle-hub/pintle/plugins/text"
)

func TestProgram(t *testing.T) {
	p := text.Program()
	if p.Name != "text" || p.Version == "" || len(p.Analyzers) < 6 {
		t.Errorf("program %q %q with %d analyzers", p.Name, p.Version, len(p.Analyzers))
	}
	for _, a := range p.Analyzers {
		if a.Doc == "" || a.Open == nil || len(a.Adds) == 0 {
			t.Errorf("analyzer %q lacks a doc, a constructor or fields", a.Type)
		}
		for _, attr := range a.Schema.Attributes {
			if attr.Doc == "" {
				t.Errorf("%s.%s has no doc", a.Type, attr.Name)
			}
		}
		if counts := a.Type == "trend"; a.Emits != counts || a.Stateful != (counts || a.Type == "cluster") {
			t.Errorf("%s: emits %v, stateful %v", a.Type, a.Emits, a.Stateful)
		}
	}
}
