package sdk

import (
	"encoding/binary"
	"encoding/json"
	"math"
)

// Field numbers of Event in records.proto. Id and key stand in the batch's head, so that they are stored once; the hub sets
// the source for all of them.
const (
	evType        = 3
	evSubject     = 4
	evTime        = 5
	evSchema      = 7
	evCorrelation = 8
	evCausation   = 9
	evTraceParent = 10
	evTraceState  = 11
	evTenant      = 12
	evData        = 13
	evFeedback    = 14
	evInsight     = 15
)

func appendEvent(b []byte, e *Event, typ string, at int64) []byte {
	b = appendString(b, evType, typ)
	b = appendString(b, evSubject, e.Subject)
	b = appendFixed64(b, evTime, uint64(at))
	b = appendString(b, evSchema, e.Schema)
	b = appendString(b, evCorrelation, e.Correlation)
	b = appendString(b, evCausation, e.Causation)
	b = appendString(b, evTraceParent, e.TraceParent)
	b = appendString(b, evTraceState, e.TraceState)
	b = appendString(b, evTenant, e.Tenant)
	b = appendBytes(b, evData, e.Data)
	if e.Feedback != nil {
		b = appendMessage(b, evFeedback, e.Feedback.append)
	}
	if e.Insight != nil {
		b = appendMessage(b, evInsight, e.Insight.append)
	}
	return b
}

// Field numbers of Feedback in records.proto.
const (
	fbKind        = 1
	fbText        = 2
	fbTitle       = 3
	fbHTML        = 4
	fbLang        = 5
	fbLangConf    = 6
	fbURL         = 7
	fbMedia       = 8
	fbNative      = 9
	fbThread      = 10
	fbAuthor      = 11
	fbAddressee   = 12
	fbCommunities = 13
	fbRating      = 14
	fbEngagement  = 15
	fbVisibility  = 16
	fbConsent     = 17
	fbRetention   = 18
	fbReplyTo     = 19
	fbPlace       = 20
	fbDevice      = 21
)

func (f *Feedback) append(b []byte) []byte {
	b = appendString(b, fbKind, f.Kind)
	b = appendString(b, fbText, f.Text)
	b = appendString(b, fbTitle, f.Title)
	b = appendString(b, fbHTML, f.HTML)
	b = appendString(b, fbLang, f.Lang)
	b = appendDouble(b, fbLangConf, f.LangConfidence)
	b = appendString(b, fbURL, f.URL)
	for i := range f.Media {
		b = appendMessage(b, fbMedia, f.Media[i].append)
	}
	b = appendPart(b, fbNative, f.Native.append)
	b = appendPart(b, fbThread, f.Thread.append)
	b = appendPart(b, fbAuthor, f.Author.append)
	b = appendString(b, fbAddressee, f.Addressee)
	for i := range f.Communities {
		b = appendMessage(b, fbCommunities, f.Communities[i].append)
	}
	return f.appendRest(b)
}

func (f *Feedback) appendRest(b []byte) []byte {
	if f.Rating != nil {
		b = appendMessage(b, fbRating, f.Rating.append)
	}
	if f.Engagement != nil {
		b = appendMessage(b, fbEngagement, f.Engagement.append)
	}
	b = appendString(b, fbVisibility, f.Visibility)
	b = appendPart(b, fbConsent, f.Consent.append)
	b = appendPart(b, fbRetention, f.Retention.append)
	b = appendPart(b, fbReplyTo, f.ReplyTo.append)
	b = appendString(b, fbPlace, f.Place)
	return appendString(b, fbDevice, f.Device)
}

func (m *Media) append(b []byte) []byte {
	b = appendString(b, 1, m.URL)
	b = appendString(b, 2, m.MIME)
	return appendString(b, 3, m.SHA256)
}

func (n *Native) append(b []byte) []byte {
	b = appendString(b, 1, n.Platform)
	b = appendString(b, 2, n.Instance)
	b = appendString(b, 3, n.ID)
	b = appendString(b, 4, n.Revision)
	b = appendTime(b, 5, n.EditedAt)
	return appendTime(b, 6, n.Deleted)
}

func (t *Thread) append(b []byte) []byte {
	b = appendString(b, 1, t.Root)
	b = appendString(b, 2, t.Parent)
	return appendVarint(b, 3, uint64(t.Position))
}

func (a *Author) append(b []byte) []byte {
	b = appendString(b, 1, a.ID)
	b = appendString(b, 2, a.Platform)
	b = appendString(b, 3, a.Handle)
	b = appendString(b, 4, a.Display)
	b = appendBool(b, 5, a.Verified)
	return appendBool(b, 6, a.BotLikely)
}

func (c *Community) append(b []byte) []byte {
	return appendString(appendString(b, 1, c.ID), 2, c.Type)
}

func (r *Rating) append(b []byte) []byte {
	for i, n := range []float64{r.Value, r.Best, r.Worst} { // zeros are written: a rating of 0 is a rating
		b = binary.LittleEndian.AppendUint64(appendTag(b, uint64(i+1), wireFixed64), math.Float64bits(n))
	}
	return b
}

func (e *Engagement) append(b []byte) []byte {
	for i, n := range []int64{e.Likes, e.Shares, e.Replies, e.Reach} {
		b = appendVarint(b, uint64(i+1), uint64(n))
	}
	return appendTime(b, 5, e.At)
}

func (c *Consent) append(b []byte) []byte {
	return appendString(appendString(b, 1, c.Basis), 2, c.Scope)
}

func (r *Retention) append(b []byte) []byte {
	return appendString(appendTime(b, 1, r.DeleteAfter), 2, r.SourcePolicy)
}

func (r *ReplyTo) append(b []byte) []byte {
	b = appendString(b, 1, r.Capability)
	b = appendTime(b, 2, r.WindowUntil)
	b = appendBool(b, 3, r.MustBeMentioned)
	return appendVarint(b, 4, uint64(r.MaxLen))
}

// Field numbers of Insight in records.proto.
const (
	inKey         = 1
	inAnalyzer    = 2
	inGroup       = 3
	inTitle       = 4
	inTopic       = 5
	inProduct     = 6
	inStage       = 7
	inPeople      = 8
	inEvents      = 9
	inCommunities = 10
	inEvidence    = 11
	inFirst       = 12
	inLast        = 13
	inWindowStart = 14
	inWindowEnd   = 15
	inByChannel   = 16
	inRate        = 17
	inFunction    = 18
	inSeverity    = 19
	inConfidence  = 20
	inWhy         = 21
	inActions     = 22
	inSupersedes  = 23
)

func (in *Insight) append(b []byte) []byte {
	b = appendString(b, inKey, in.Key)
	b = appendString(b, inAnalyzer, in.Analyzer)
	b = appendStrings(b, inGroup, in.Group)
	b = appendString(b, inTitle, in.Title)
	b = appendString(b, inTopic, in.Topic)
	b = appendString(b, inProduct, in.Product)
	b = appendString(b, inStage, in.Stage)
	b = appendVarint(b, inPeople, uint64(in.People))
	b = appendVarint(b, inEvents, uint64(in.Events))
	b = appendVarint(b, inCommunities, uint64(in.Communities))
	b = appendStrings(b, inEvidence, in.Evidence)
	b = appendTime(b, inFirst, in.FirstTime)
	b = appendTime(b, inLast, in.LastTime)
	b = appendTime(b, inWindowStart, in.WindowStart)
	b = appendTime(b, inWindowEnd, in.WindowEnd)
	return in.appendRest(b)
}

func (in *Insight) appendRest(b []byte) []byte {
	for i := range in.ByChannel {
		c := &in.ByChannel[i]
		b = appendMessage(b, inByChannel, func(b []byte) []byte {
			return appendVarint(appendString(b, 1, c.Name), 2, uint64(c.N))
		})
	}
	b = appendDouble(b, inRate, in.Rate)
	b = appendString(b, inFunction, in.Function)
	b = appendDouble(b, inSeverity, in.Severity)
	b = appendDouble(b, inConfidence, in.Confidence)
	for i := range in.Why {
		w := &in.Why[i]
		b = appendMessage(b, inWhy, func(b []byte) []byte {
			return appendStrings(appendString(b, 1, w.Sentence), 2, w.Events)
		})
	}
	b = appendStrings(b, inActions, in.RecommendedActions)
	return appendString(b, inSupersedes, in.Supersedes)
}

func appendStrings(b []byte, field uint64, list []string) []byte {
	for _, s := range list {
		b = appendEntry(b, field, []byte(s))
	}
	return b
}

// rejectedData is the body of a TypeRejected event; raw is kept as base64 because it may be anything.
func rejectedData(where, reason string, raw []byte) []byte {
	data, _ := json.Marshal(rejection{Where: where, Reason: reason, Raw: raw}) // strings and bytes always marshal
	return data
}

type rejection struct {
	Where  string `json:"where"`
	Reason string `json:"reason"`
	Raw    []byte `json:"raw,omitempty"`
}

// RejectionOf returns what Rejected was given. The hub asks, for the dead letters.
func RejectionOf(e *Event) (where, reason string, raw []byte) {
	var r rejection
	if err := json.Unmarshal(e.Data, &r); err != nil {
		return e.Subject, "rejected by its source without a readable reason", e.Data
	}
	return r.Where, r.Reason, r.Raw
}
