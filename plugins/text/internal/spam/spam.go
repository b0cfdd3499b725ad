// Package spam tells spam from what people mean, by a linear model per channel: what is spam on one channel is not on another.
package spam

import (
	_ "embed"
	"html"
	"strings"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
)

// Label and Ham are the labels of a model for spam.
const (
	Label = "spam"
	Ham   = "ham"
)

// Options are how models for spam are learned. Letters count half: whole words tell more.
func Options() linear.Options {
	return linear.Options{Task: "spam", Features: linear.Features{Words: 2, CharMin: 3, CharMax: 5, CharWeight: 0.5, Bits: 18}}
}

// Plain takes the marks of HTML out of a text, as web sites leave them in comments, and leaves addresses in. The learner and the analyzer
// read every text through it.
func Plain(text string) string {
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	if strings.IndexByte(text, '<') < 0 {
		return text
	}
	return strings.NewReplacer("<br />", " ", "<br>", " ", "</a>", " ", `<a href="`, " ").Replace(text)
}

//go:embed sms.model
var sms []byte

//go:embed comments.model
var comments []byte

// Model returns the model that ships for a channel, sms or comments.
func Model(channel string) (*linear.Model, error) {
	if channel == "sms" {
		return linear.Decode(sms)
	}
	return linear.Decode(comments)
}
