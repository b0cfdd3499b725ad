package sdk

import "unicode/utf8"

// validEvent reports whether every text of e is UTF-8. Bytes that are no text stay out of the log: in protobuf and JSON a
// string is UTF-8, and a reader in another language would refuse the whole event.
func validEvent(e *Event) bool {
	return valid(e.Type, e.Subject, e.Key, e.Schema, e.Correlation, e.Causation, e.TraceParent, e.TraceState, e.Tenant) &&
		utf8.Valid(e.Data) && e.Feedback.valid() && e.Insight.valid()
}

func valid(texts ...string) bool {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return true
}

func (f *Feedback) valid() bool {
	if f == nil {
		return true
	}
	for i := range f.Media {
		if m := &f.Media[i]; !valid(m.URL, m.MIME, m.SHA256) {
			return false
		}
	}
	for i := range f.Communities {
		if c := &f.Communities[i]; !valid(c.ID, c.Type) {
			return false
		}
	}
	return valid(f.Kind, f.Text, f.Title, f.HTML, f.Lang, f.URL, f.Addressee, f.Visibility, f.Place, f.Device) &&
		valid(f.Native.Platform, f.Native.Instance, f.Native.ID, f.Native.Revision, f.Thread.Root, f.Thread.Parent) &&
		valid(f.Author.ID, f.Author.Platform, f.Author.Handle, f.Author.Display) &&
		valid(f.Consent.Basis, f.Consent.Scope, f.Retention.SourcePolicy, f.ReplyTo.Capability)
}

func (in *Insight) valid() bool {
	if in == nil {
		return true
	}
	for i := range in.ByChannel {
		if !valid(in.ByChannel[i].Name) {
			return false
		}
	}
	for i := range in.Why {
		if w := &in.Why[i]; !valid(w.Sentence) || !valid(w.Events...) {
			return false
		}
	}
	return valid(in.Key, in.Analyzer, in.Title, in.Topic, in.Product, in.Stage, in.Function, in.Supersedes) &&
		valid(in.Group...) && valid(in.Evidence...) && valid(in.RecommendedActions...)
}
