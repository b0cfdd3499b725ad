package file

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/sdk"
)

// maxLineText is how much of a text a line for people shows, in characters.
const maxLineText = 400

// textLine returns the line of event i: what the attribute p says, nil where it says null, or a line of our own without it.
func textLine(in *sdk.Batch, i int, p sdk.PerEvent) []byte {
	if !p.IsSet() {
		return appendEventLine(nil, in.Event(i))
	}
	v := in.Attr(i, p)
	if v.IsNull() {
		return nil
	}
	return appendClean([]byte{}, v.Text())
}

// appendEventLine appends an event as a person wants to see it in a list: when, who or what, what analyzers said, and the text.
func appendEventLine(b []byte, e *sdk.Event) []byte {
	b = e.Time.UTC().AppendFormat(b, "2006-01-02 15:04:05")
	text := e.Text()
	switch in := e.Insight; {
	case in != nil:
		b = appendClean(append(b, ' '), in.Stage+": "+insightTitle(in))
		b = append(b, " ("+count(in.People, "person", "people")+", "+count(in.Events, "event", "events")+")"...)
	case e.Feedback != nil:
		if who := authorOf(e.Feedback); who != "" {
			b = appendClean(append(b, ' '), who)
		}
	default:
		b = appendClean(append(b, ' '), strings.TrimSpace(e.Type+" "+e.Subject))
	}
	b = appendAnnotations(b, e.Annotations)
	if text == "" {
		return b
	}
	return appendClean(append(b, ": "...), shorten(text))
}

func insightTitle(in *sdk.Insight) string {
	if in.Title != "" {
		return in.Title
	}
	return strings.Join(in.Group, ", ")
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + many
}

func authorOf(f *sdk.Feedback) string {
	return cmp.Or(f.Author.Handle, f.Author.Display, f.Author.ID)
}

func appendAnnotations(b []byte, notes []sdk.Annotation) []byte {
	if len(notes) == 0 {
		return b
	}
	b = append(b, " ["...)
	for i, n := range notes {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendClean(b, n.Analyzer+"."+n.Field+"="+brief(n.Value))
	}
	return append(b, ']')
}

// brief writes numbers with three digits and lists with commas.
func brief(v sdk.Value) string {
	switch v.Kind {
	case sdk.Number:
		return strconv.FormatFloat(v.Num, 'g', 3, 64)
	case sdk.List:
		return strings.Join(v.Strings(), ",")
	}
	return v.Text()
}

func shorten(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxLineText {
			return s[:i] + "…"
		}
	}
	return s
}

// appendClean appends s as one line that does nothing to a terminal: a customer's text may hold escape sequences that clear
// the screen or worse. Line breaks become spaces, other control characters a picture of themselves, and what turns the
// direction of writing goes.
func appendClean(b []byte, s string) []byte {
	for _, r := range strings.TrimRight(s, "\r\n") {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			b = append(b, ' ')
		case r < ' ':
			b = utf8.AppendRune(b, '\u2400'+r)
		case r == 0x7f:
			b = utf8.AppendRune(b, '\u2421')
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
