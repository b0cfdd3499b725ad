package sdk

import "time"

// Schema declares a plugin's configuration. The hub reads it to check HCL, to complete, to document and to keep secrets; the
// plugin decodes what passed. Make one from a struct with SchemaOf.
type Schema struct {
	Attributes []Attribute
	Blocks     []NestedBlock
}

// Attribute is one name = value of a block.
type Attribute struct {
	Name string
	Type AttributeType
	Doc  string
	// Default is the value used when the attribute is missing, as it would be written in HCL without quotes ("5m", "true").
	// Empty means the zero value.
	Default string
	// Enum lists the only values allowed, Min and Max bound a number, a duration (seconds), a size or a list's length.
	Enum     []string
	Min, Max *float64
	Required bool
	// Sensitive values are never printed.
	Sensitive bool
	// PerEvent attributes are expressions over event.* and insight.*, evaluated by the hub for every event.
	PerEvent bool
	// Deprecated says what to use instead.
	Deprecated string
}

// AttributeType is the type of an attribute's value in HCL.
type AttributeType string

// Types of attributes. A duration is written "5m", a size "10MiB".
const (
	TypeString     AttributeType = "string"
	TypeNumber     AttributeType = "number"
	TypeBool       AttributeType = "bool"
	TypeDuration   AttributeType = "duration"
	TypeSize       AttributeType = "size"
	TypeStringList AttributeType = "list(string)"
	TypeStringMap  AttributeType = "map(string)"
	// TypeAny, TypeAnyList and TypeAnyMap are for per-event attributes: one expression, a list or a map of expressions.
	TypeAny     AttributeType = "any"
	TypeAnyList AttributeType = "list(any)"
	TypeAnyMap  AttributeType = "map(any)"
)

// NestedBlock is a block inside a block.
type NestedBlock struct {
	Name string
	// Label names the block's one label ("name" in rule "refund" {}), or is empty for a block without label.
	Label string
	Doc   string
	// Min and Max bound how often the block may stand; Max 0 means any number.
	Min, Max int
	Schema   Schema
}

// Secret is a configuration value that must not be shown. Reveal is the only way to its text.
type Secret struct {
	text *string // behind a pointer, since fmt prints what it finds in unexported fields and asks no String method there
}

// NewSecret returns text as a secret, for tests of plugins. The empty text is the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the secret's text, for the one call that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

func (s Secret) String() string   { return "(sensitive)" }
func (s Secret) GoString() string { return "(sensitive)" }

// MarshalJSON keeps a secret out of logs that print structs as JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"(sensitive)"`), nil }

// Size is a number of bytes, written "64KiB", "10MiB", "1GiB" or "1000" in HCL.
type Size int64

// PerEvent is an attribute whose value depends on the event: one expression. The hub evaluates it; read it with Batch.Attr.
type PerEvent struct {
	name string
	set  bool
}

// IsSet reports whether the configuration has the attribute.
func (p PerEvent) IsSet() bool { return p.set }

// PerEventList is a list of per-event expressions.
type PerEventList struct{ items []PerEvent }

// Items returns the expressions in the order of the configuration.
func (p PerEventList) Items() []PerEvent { return p.items }

// PerEventMap is a map from a name to a per-event expression.
type PerEventMap struct {
	keys  []string
	items []PerEvent
}

// Keys returns the names, in the order of the configuration.
func (p PerEventMap) Keys() []string { return p.keys }

// Items returns the expressions, in the order of Keys.
func (p PerEventMap) Items() []PerEvent { return p.items }

// AttrName returns the column name under which the hub sends the values of one expression of a per-event attribute:
// the attribute's name alone, or with the list index or the map key behind a dot. The hub and the tests of plugins use it.
func AttrName(attribute, item string) string {
	if item == "" {
		return attribute
	}
	return attribute + "." + item
}

// MaxDuration bounds durations in a configuration (10 years), so that sums cannot overflow.
const MaxDuration = 10 * 365 * 24 * time.Hour
