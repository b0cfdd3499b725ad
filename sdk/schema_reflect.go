package sdk

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SchemaOf reads the schema of a configuration struct from its tags:
//
//	type Config struct {
//		URL   string        `pintle:"url,required" doc:"Address of the feed."`
//		Every time.Duration `pintle:"every" default:"5m" min:"1s" doc:"Pause between two reads."`
//		Mode  string        `pintle:"mode" enum:"fast,safe" default:"safe"`
//		Token Secret        `pintle:"token"`
//		Body  PerEvent      `pintle:"body" doc:"Expression over the event."`
//		Rules []Rule        `pintle:"rule,block" doc:"..."`   // a field tagged "label" holds the block's label
//	}
//
// It returns an error for a struct it cannot read: a bug in the plugin, found by the first test that describes it.
func SchemaOf(config any) (Schema, error) {
	t := reflect.TypeOf(config)
	if t == nil {
		return Schema{}, nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s, _, err := schemaOfStruct(t, nil)
	return s, err
}

// schemaOfStruct reads one struct; above are those it stands in.
func schemaOfStruct(t reflect.Type, above []reflect.Type) (s Schema, label string, err error) {
	switch {
	case t.Kind() != reflect.Struct:
		return s, "", fmt.Errorf("configuration %s: want a struct", t)
	case slices.Contains(above, t):
		return s, "", fmt.Errorf("configuration %s: a block must not stand within itself", t)
	}
	above = append(above, t)
	names := make(map[string]bool)
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, tagged := fieldTag(f)
		if !tagged {
			continue
		}
		err := checkTag(f, name, opts)
		if err == nil && names[name] {
			err = fmt.Errorf("the name %q stands twice", name)
		}
		names[name] = true
		switch {
		case err != nil:
		case opts["label"]:
			label = name
		case opts["block"]:
			var b NestedBlock
			b, err = blockOf(f, name, above)
			s.Blocks = append(s.Blocks, b)
		default:
			var a Attribute
			a, err = attributeOf(f, name, opts)
			if err == nil && a.PerEvent && len(above) > 1 {
				err = errors.New("a per-event attribute cannot stand in a nested block: blocks of one name would share its values")
			}
			s.Attributes = append(s.Attributes, a)
		}
		if err != nil {
			return s, "", fmt.Errorf("field %s.%s: %w", t, f.Name, err)
		}
	}
	return s, label, nil
}

// checkTag refuses a field that DecodeConfig could not fill.
func checkTag(f reflect.StructField, name string, opts map[string]bool) error {
	for o := range opts {
		switch o {
		case "required", "sensitive", "block", "label":
		default:
			return fmt.Errorf("unknown option %q in its tag; known are required, sensitive, block and label", o)
		}
	}
	switch {
	case name == "":
		return errors.New("its tag has no name")
	case !f.IsExported():
		return errors.New("it must be exported to be filled")
	case opts["label"] && f.Type.Kind() != reflect.String:
		return errors.New("a label must be a string")
	}
	return nil
}

// fieldTag splits `pintle:"name,option,..."`.
func fieldTag(f reflect.StructField) (name string, opts map[string]bool, ok bool) {
	tag, ok := f.Tag.Lookup("pintle")
	if !ok || tag == "-" {
		return "", nil, false
	}
	parts := strings.Split(tag, ",")
	opts = make(map[string]bool, len(parts))
	for _, o := range parts[1:] {
		opts[o] = true
	}
	return parts[0], opts, true
}

func blockOf(f reflect.StructField, name string, above []reflect.Type) (NestedBlock, error) {
	b := NestedBlock{Name: name, Doc: f.Tag.Get("doc")}
	t := f.Type
	switch t.Kind() {
	case reflect.Slice:
		t = t.Elem()
	case reflect.Pointer:
		t, b.Max = t.Elem(), 1
	default:
		b.Max = 1
	}
	if min, err := strconv.Atoi(f.Tag.Get("min")); err == nil {
		b.Min = min
	}
	var err error
	b.Schema, b.Label, err = schemaOfStruct(t, above)
	return b, err
}

func attributeOf(f reflect.StructField, name string, opts map[string]bool) (Attribute, error) {
	typ, err := attributeType(f.Type)
	if err != nil {
		return Attribute{}, err
	}
	a := Attribute{
		Name: name, Type: typ, Doc: f.Tag.Get("doc"), Default: f.Tag.Get("default"),
		Required: opts["required"], Sensitive: opts["sensitive"] || f.Type == reflect.TypeFor[Secret](),
		PerEvent:   typ == TypeAny || typ == TypeAnyList || typ == TypeAnyMap,
		Deprecated: f.Tag.Get("deprecated"),
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		a.Enum = strings.Split(enum, ",")
	}
	if err := checkDefault(f.Type, a); err != nil {
		return a, err
	}
	if a.Min, err = boundOf(typ, f.Tag.Get("min")); err != nil {
		return a, fmt.Errorf("min: %w", err)
	}
	if a.Max, err = boundOf(typ, f.Tag.Get("max")); err != nil {
		return a, fmt.Errorf("max: %w", err)
	}
	return a, nil
}

// checkDefault tries the default as DecodeConfig will.
func checkDefault(t reflect.Type, a Attribute) error {
	switch {
	case a.Default == "":
		return nil
	case a.PerEvent:
		return errors.New("default: a per-event attribute has none")
	case a.Enum != nil && !slices.Contains(a.Enum, a.Default):
		return fmt.Errorf("default: %q is none of %s", a.Default, strings.Join(a.Enum, ", "))
	}
	if err := setText(a.Default, reflect.New(t).Elem()); err != nil {
		return fmt.Errorf("default: %w", err)
	}
	return nil
}

// boundOf reads a min or max tag in the attribute's own notation; durations become seconds.
func boundOf(t AttributeType, tag string) (*float64, error) {
	if tag == "" {
		return nil, nil
	}
	var n float64
	var err error
	switch t {
	case TypeDuration:
		var d time.Duration
		d, err = ParseDuration(tag)
		n = d.Seconds()
	case TypeSize:
		var size Size
		size, err = ParseSize(tag)
		n = float64(size)
	default:
		n, err = strconv.ParseFloat(tag, 64)
	}
	return &n, err
}

func attributeType(t reflect.Type) (AttributeType, error) {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return TypeDuration, nil
	case reflect.TypeFor[Size]():
		return TypeSize, nil
	case reflect.TypeFor[Secret]():
		return TypeString, nil
	case reflect.TypeFor[PerEvent]():
		return TypeAny, nil
	case reflect.TypeFor[PerEventList]():
		return TypeAnyList, nil
	case reflect.TypeFor[PerEventMap]():
		return TypeAnyMap, nil
	case reflect.TypeFor[[]string]():
		return TypeStringList, nil
	case reflect.TypeFor[map[string]string]():
		return TypeStringMap, nil
	}
	switch t.Kind() {
	case reflect.String:
		return TypeString, nil
	case reflect.Bool:
		return TypeBool, nil
	case reflect.Int, reflect.Int64, reflect.Float64:
		return TypeNumber, nil
	}
	return "", fmt.Errorf("type %s has no place in a configuration; use string, bool, int, float64, time.Duration, sdk.Size, "+
		"sdk.Secret, []string, map[string]string, sdk.PerEvent, sdk.PerEventList, sdk.PerEventMap or a nested struct with ,block", t)
}
