package host

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/go-hclog"
)

const (
	maxPlain  = 512     // bytes of a line that is not JSON
	maxValue  = 4 << 10 // bytes of a message or a value in JSON
	maxKey    = 64
	maxFields = 32
)

// entry is a log line as we understand it. Nothing in it is trusted: a plugin writes what it likes.
type entry struct {
	level   hclog.Level
	message string
	fields  []any // key, value, key, value
}

// parseLine reads a line in hclog's or slog's JSON format, and takes everything else for text.
func parseLine(line []byte, cut bool) entry {
	var object map[string]any
	if cut || len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &object) != nil {
		e := entry{level: hclog.Info, message: printable(line, maxPlain)}
		if cut {
			e.fields = []any{"cut_at_bytes", maxLine}
		}
		return e
	}
	e := entry{level: levelOf(take(object, "@level", "level"))}
	e.message = take(object, "@message", "msg", "message")
	if module := take(object, "@module"); module != "" {
		e.fields = append(e.fields, "module", module)
	}
	for _, key := range []string{"@timestamp", "time", "@caller"} { // the hub has its own clock, and no plugin's source
		delete(object, key)
	}
	for i, key := range slices.Sorted(maps.Keys(object)) {
		if i == maxFields {
			e.fields = append(e.fields, "more_fields", len(object)-maxFields)
			break
		}
		e.fields = append(e.fields, printable([]byte(key), maxKey), value(object[key]))
	}
	return e
}

// take removes the first of the keys that holds a string. {"@message": 5} is a field like any other.
func take(object map[string]any, keys ...string) string {
	for _, key := range keys {
		if s, ok := object[key].(string); ok {
			delete(object, key)
			return printable([]byte(s), maxValue)
		}
	}
	return ""
}

func value(v any) any {
	switch v := v.(type) {
	case nil, bool, float64:
		return v
	case string:
		return printable([]byte(v), maxValue)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "(unreadable)"
	}
	return printable(text, maxValue)
}

func levelOf(name string) hclog.Level {
	if level := hclog.LevelFromString(name); level != hclog.NoLevel && level != hclog.Off {
		return level
	}
	return hclog.Info
}

// guessLevel finds the level without parsing, so that a line nobody wants costs next to nothing. A plugin that writes
// something odd only misjudges its own line.
func guessLevel(line []byte) hclog.Level {
	if len(line) == 0 || line[0] != '{' {
		return hclog.Info
	}
	_, after, ok := bytes.Cut(line, []byte(`level":"`))
	if !ok {
		return hclog.Info
	}
	name, _, _ := bytes.Cut(after[:min(len(after), 8)], []byte{'"'})
	return levelOf(string(name))
}

// printable makes text safe to print: one line, no control or direction-changing characters, valid UTF-8, at most limit
// bytes.
func printable(text []byte, limit int) string {
	cut := len(text) > limit
	if cut {
		text = text[:limit]
	}
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r == '\n':
			b.WriteString(" | ")
		case r == '\t':
			b.WriteByte(' ')
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
		default:
			b.WriteRune(r)
		}
	}
	if cut {
		b.WriteString("…")
	}
	return b.String()
}
