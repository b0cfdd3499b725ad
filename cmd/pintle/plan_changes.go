package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// change is one setting that differs: From or To is empty where there was or will be none.
type change struct {
	Setting string `json:"setting"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

// changesOf lists the settings that differ between two configurations as they are shown, by name.
func changesOf(before, after json.RawMessage) []change {
	a, b := make(map[string]string), make(map[string]string)
	flatten("", before, a)
	flatten("", after, b)
	names := maps.Clone(a)
	maps.Copy(names, b)
	var out []change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if a[name] != b[name] {
			out = append(out, change{Setting: name, From: a[name], To: b[name]})
		}
	}
	return out
}

// flatten notes each value of an object under its path; lists are values.
func flatten(path string, raw json.RawMessage, into map[string]string) {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) == nil && object != nil {
		for key, value := range object {
			flatten(strings.TrimPrefix(path+"."+key, "."), value, into)
		}
		return
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && path != "" {
		into[path] = text
		return
	}
	var b bytes.Buffer
	if path != "" && json.Compact(&b, raw) == nil {
		into[path] = b.String()
	}
}
