package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// DecodeConfig fills the struct that config points to from checked JSON: attributes by name (durations as strings, sizes as
// numbers), blocks as lists of objects with the label under its own name, per-event attributes as true, the number of items
// or the list of keys. Missing attributes take the default of their tag. sdk/wire calls it before a plugin is opened; tests
// of plugins may call it too.
func DecodeConfig(data []byte, config any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("{}")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	return decodeStruct(object, reflect.ValueOf(config).Elem())
}

func decodeStruct(object map[string]json.RawMessage, v reflect.Value) error {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, tagged := fieldTag(f)
		if !tagged {
			continue
		}
		raw, ok := object[name]
		if string(raw) == "null" {
			ok = false
		}
		if err := decodeField(raw, ok, f, v.Field(i), opts["block"]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func decodeField(raw json.RawMessage, present bool, f reflect.StructField, v reflect.Value, block bool) error {
	switch {
	case block:
		return decodeBlocks(raw, present, v)
	case present && isPerEvent(v):
		return decodePerEvent(raw, f, v)
	case present:
		return decodeValue(raw, v)
	}
	text := f.Tag.Get("default")
	if text == "" {
		return nil
	}
	return setText(text, v)
}

func isPerEvent(v reflect.Value) bool {
	switch v.Interface().(type) {
	case PerEvent, PerEventList, PerEventMap:
		return true
	}
	return false
}

func decodeBlocks(raw json.RawMessage, present bool, v reflect.Value) error {
	var objects []map[string]json.RawMessage
	if present {
		if err := json.Unmarshal(raw, &objects); err != nil {
			return err
		}
	}
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), len(objects), len(objects)))
		for i := range objects {
			if err := decodeStruct(objects[i], v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Pointer:
		if len(objects) == 0 {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return decodeStruct(objects[0], v.Elem())
	}
	if len(objects) == 0 {
		objects = append(objects, nil)
	}
	return decodeStruct(objects[0], v)
}

// decodePerEvent keeps which expressions there are; the values come with each batch.
func decodePerEvent(raw json.RawMessage, f reflect.StructField, v reflect.Value) error {
	name, _, _ := fieldTag(f)
	switch p := v.Addr().Interface().(type) {
	case *PerEvent:
		*p = PerEvent{name: name, set: true}
	case *PerEventList:
		var n int
		if err := json.Unmarshal(raw, &n); err != nil {
			return err
		}
		if n < 0 || n > MaxFields {
			return fmt.Errorf("%d expressions, at most %d are allowed", n, MaxFields)
		}
		*p = PerEventList{}
		for i := range n {
			p.items = append(p.items, PerEvent{name: AttrName(name, strconv.Itoa(i)), set: true})
		}
	case *PerEventMap:
		*p = PerEventMap{}
		if err := json.Unmarshal(raw, &p.keys); err != nil {
			return err
		}
		for _, key := range p.keys {
			p.items = append(p.items, PerEvent{name: AttrName(name, key), set: true})
		}
	}
	return nil
}

func decodeValue(raw json.RawMessage, v reflect.Value) error {
	switch v.Interface().(type) {
	case Secret, time.Duration:
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		return setText(text, v)
	}
	return json.Unmarshal(raw, v.Addr().Interface())
}

// setText sets a scalar from the notation of a default tag.
func setText(text string, v reflect.Value) error {
	switch p := v.Addr().Interface().(type) {
	case *Secret:
		*p = NewSecret(text)
		return nil
	case *time.Duration:
		d, err := ParseDuration(text)
		*p = d
		return err
	case *Size:
		size, err := ParseSize(text)
		*p = size
		return err
	case *string:
		*p = text
		return nil
	}
	if v.Kind() == reflect.String {
		v.SetString(text)
		return nil
	}
	return json.Unmarshal([]byte(text), v.Addr().Interface())
}
