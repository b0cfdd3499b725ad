package sdk

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
)

// FeedbackID returns the id of a feedback event: "fb_" and the base32 form of the first 160 bits of
// sha256(JCS([platform, instance, native id, revision])). The same post read twice is one event; an edit is a new one.
func FeedbackID(n Native) string {
	return "fb_" + HashID(n.Platform, n.Instance, n.ID, n.Revision)
}

// HashID returns 32 lower-case base32 characters that depend on the parts and on their borders. Identifiers and idempotency
// keys that must come out the same after a replay are made with it.
func HashID(parts ...string) string {
	canonical, _ := json.Marshal(parts) // a list of strings has one JSON form; it cannot fail
	sum := sha256.Sum256(canonical)
	return lowerBase32(sum[:20])
}

func lowerBase32(b []byte) string {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(b)
}
