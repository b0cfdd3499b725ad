package main

import "github.com/pintle-hub/pintle/sdk"

// schema is what a block may hold, as JSON.
type schema struct {
	Attributes []attribute `json:"attributes"`
	Blocks     []block     `json:"blocks"`
}

// attribute is one name = value of a block.
type attribute struct {
	Name       string            `json:"name"`
	Type       sdk.AttributeType `json:"type"`
	Doc        string            `json:"doc"`
	Default    string            `json:"default,omitempty"`
	Enum       []string          `json:"enum,omitempty"`
	Min        *float64          `json:"min,omitempty"`
	Max        *float64          `json:"max,omitempty"`
	Required   bool              `json:"required"`
	Sensitive  bool              `json:"sensitive,omitempty"`
	PerEvent   bool              `json:"per_event,omitempty"`
	Deprecated string            `json:"deprecated,omitempty"`
}

// block is a block inside a block.
type block struct {
	Name   string `json:"name"`
	Label  string `json:"label,omitempty"`
	Doc    string `json:"doc"`
	Min    int    `json:"min"`
	Max    int    `json:"max,omitempty"`
	Schema schema `json:"schema"`
}

func schemaOf(s sdk.Schema) schema {
	out := schema{Attributes: []attribute{}, Blocks: []block{}}
	for _, a := range s.Attributes {
		out.Attributes = append(out.Attributes, attribute{Name: a.Name, Type: a.Type, Doc: a.Doc, Default: a.Default, Enum: a.Enum,
			Min: a.Min, Max: a.Max, Required: a.Required, Sensitive: a.Sensitive, PerEvent: a.PerEvent, Deprecated: a.Deprecated})
	}
	for _, b := range s.Blocks {
		out.Blocks = append(out.Blocks, block{Name: b.Name, Label: b.Label, Doc: b.Doc, Min: b.Min, Max: b.Max, Schema: schemaOf(b.Schema)})
	}
	return out
}
