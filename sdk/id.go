package sdk

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
)

// FeedbackID returns the id of a feedback event: "fb_" and the base32 form of the first 160 bits of
// sha256(JCS([platform, instance, native id, revision])). The same post read twice is one event; an edit is a new one.
func FeedbackID(n Native) string {
	return "fb_" + HashID(n.Platform, n.Instance, n.ID, n.Revision)
}

// HashID returns 32 lower-case base32 characters that depend on the parts and on their borders. Identifiers and idempotency
// keys that must come out the same after a replay are made with it.
func HashID(parts ...string) string {
	sum := sha256.Sum256(canonical(parts))
	return lowerBase32(sum[:20])
}

// canonical returns a list of strings in JCS (RFC 8785), so that a plugin in another language finds the same id. It is not
// what encoding/json writes: that escapes <, >, & and the line separators, and makes bytes that are no UTF-8 all alike.
func canonical(parts []string) []byte {
	b := []byte{'['}
	for i, s := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		for _, c := range []byte(s) {
			b = appendJSONByte(b, c)
		}
		b = append(b, '"')
	}
	return append(b, ']')
}

func appendJSONByte(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	if c < ' ' {
		return fmt.Appendf(b, `\u%04x`, c)
	}
	return append(b, c)
}

func lowerBase32(b []byte) string {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(b)
}
