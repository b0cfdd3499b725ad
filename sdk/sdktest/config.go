package sdktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// settings is a configuration as the hub hands it over: JSON, and what computes its per-event attributes.
type settings struct {
	json     []byte
	perEvent []perEvent
}

type perEvent struct {
	name string
	of   func(*sdk.Event) any
}

// settingsOf turns what a test gives as a configuration into settings, and checks what the hub would: that the names are known
// and the required ones there.
func settingsOf(schema sdk.Schema, config any) (settings, error) {
	var s settings
	switch c := config.(type) {
	case nil:
		s.json = []byte("{}")
	case []byte:
		s.json = c
	case json.RawMessage:
		s.json = c
	case string:
		s.json = []byte(c)
	case map[string]any:
		return s.fromMap(schema, c)
	default:
		object, err := fromStruct(reflect.ValueOf(config))
		if err != nil {
			return s, err
		}
		return s.fromMap(schema, object)
	}
	return s, nil
}

func (s settings) fromMap(schema sdk.Schema, object map[string]any) (settings, error) {
	if err := checkNames(schema, object); err != nil {
		return s, err
	}
	out := make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		switch v := object[name].(type) {
		case func(*sdk.Event) any:
			out[name] = true
			s.perEvent = append(s.perEvent, perEvent{sdk.AttrName(name, ""), v})
		case []func(*sdk.Event) any:
			out[name] = len(v)
			for i := range v {
				s.perEvent = append(s.perEvent, perEvent{sdk.AttrName(name, strconv.Itoa(i)), v[i]})
			}
		case map[string]func(*sdk.Event) any:
			keys := slices.Sorted(maps.Keys(v))
			out[name] = keys
			for _, key := range keys {
				s.perEvent = append(s.perEvent, perEvent{sdk.AttrName(name, key), v[key]})
			}
		default:
			out[name] = plain(v)
		}
	}
	var err error
	s.json, err = json.Marshal(out)
	return s, err
}

func checkNames(schema sdk.Schema, object map[string]any) error {
	known := map[string]bool{}
	for _, a := range schema.Attributes {
		known[a.Name] = true
		if _, given := object[a.Name]; a.Required && !given {
			return fmt.Errorf("the attribute %q is required", a.Name)
		}
	}
	for _, b := range schema.Blocks {
		known[b.Name] = true
	}
	for name := range object {
		if !known[name] {
			return fmt.Errorf("there is no attribute or block %q", name)
		}
	}
	return nil
}

// plain writes a value as the hub does: durations as text, sizes as numbers, secrets revealed.
func plain(v any) any {
	switch x := v.(type) {
	case time.Duration:
		return x.String()
	case sdk.Secret:
		return x.Reveal()
	case sdk.PerEvent:
		return x.IsSet()
	case sdk.PerEventList:
		return len(x.Items())
	case sdk.PerEventMap:
		return x.Keys()
	case map[string]any:
		out := make(map[string]any, len(x))
		for key := range x {
			out[key] = plain(x[key])
		}
		return out
	case []map[string]any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = plain(x[i])
		}
		return out
	}
	return v
}

// fromStruct is the opposite of sdk.DecodeConfig: fields that are not zero, by the names of their tags.
func fromStruct(v reflect.Value) (map[string]any, error) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a configuration is a map, a struct, JSON or nil, not %v", v.Kind())
	}
	out := map[string]any{}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("pintle"), ",")
		if name == "" || name == "-" || v.Field(i).IsZero() {
			continue
		}
		if !slices.Contains(strings.Split(options, ","), "block") {
			out[name] = plain(v.Field(i).Interface())
			continue
		}
		blocks, err := fromBlocks(v.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = blocks
	}
	return out, nil
}

func fromBlocks(v reflect.Value) ([]map[string]any, error) {
	if v.Kind() != reflect.Slice {
		block, err := fromStruct(v)
		return []map[string]any{block}, err
	}
	var blocks []map[string]any
	for i := range v.Len() {
		block, err := fromStruct(v.Index(i))
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}

// columns evaluates the per-event attributes for events and returns them as they travel.
func (s settings) columns(events []sdk.Event) [][]byte {
	var out [][]byte
	for _, p := range s.perEvent {
		c := &sdk.Column{Name: p.name}
		for i := range events {
			c.Set(i, valueOf(p.of(&events[i])))
		}
		out = append(out, sdk.EncodeColumn(c, len(events)))
	}
	return out
}

func valueOf(v any) sdk.Value {
	switch x := v.(type) {
	case sdk.Value:
		return x
	case int:
		return sdk.NumberValue(float64(x))
	case []string:
		return sdk.StringsValue(x)
	}
	return sdk.ValueOf(v)
}
