package sdk_test

import (
	"math"
	"time"

	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
)

// The generators draw any event a source may hand over: absent parts, empty ones, any text, any number.

func genText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Just(""), rapid.String(),
		rapid.SampledFrom([]string{"\x00", "a\u0301", "\u202eabc", "👩‍👩‍👧‍👦", "\u2028", "<b>&\"\\</b>", "\ufffd", "line\r\nline"}))
}

// genTime draws moments of the whole span that the encoding keeps, the epoch among them, and no time.
func genTime() *rapid.Generator[time.Time] {
	return rapid.OneOf(rapid.Just(time.Time{}), genMoment())
}

func genMoment() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64().Filter(func(n int64) bool { return n != 0 }),
		func(n int64) time.Time { return time.Unix(0, n).UTC() })
}

func genNumber() *rapid.Generator[float64] {
	return rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64}))
}

func genTexts() *rapid.Generator[[]string] { return rapid.SliceOfN(genText(), 0, 4) }

func genFeedback() *rapid.Generator[*sdk.Feedback] {
	return rapid.Custom(func(t *rapid.T) *sdk.Feedback {
		text := func(name string) string { return genText().Draw(t, name) }
		when := func(name string) time.Time { return genTime().Draw(t, name) }
		f := &sdk.Feedback{
			Kind: text("kind"), Text: text("text"), Title: text("title"), HTML: text("html"), Lang: text("lang"),
			LangConfidence: genNumber().Draw(t, "confidence"), URL: text("url"), Addressee: text("addressee"),
			Visibility: text("visibility"), Place: text("place"), Device: text("device"),
			Native: sdk.Native{Platform: text("platform"), Instance: text("instance"), ID: text("id"),
				Revision: text("revision"), EditedAt: when("edited"), Deleted: when("deleted")},
			Thread: sdk.Thread{Root: text("root"), Parent: text("parent"), Position: rapid.Int64().Draw(t, "position")},
			Author: sdk.Author{ID: text("author"), Platform: text("author platform"), Handle: text("handle"),
				Display: text("display"), Verified: rapid.Bool().Draw(t, "verified"), BotLikely: rapid.Bool().Draw(t, "bot")},
			Consent:   sdk.Consent{Basis: text("basis"), Scope: text("scope")},
			Retention: sdk.Retention{DeleteAfter: when("delete after"), SourcePolicy: text("policy")},
			ReplyTo: sdk.ReplyTo{Capability: text("capability"), WindowUntil: when("window"),
				MustBeMentioned: rapid.Bool().Draw(t, "mention"), MaxLen: rapid.Int64().Draw(t, "max")},
		}
		genFeedbackParts(t, f)
		return f
	})
}

func genFeedbackParts(t *rapid.T, f *sdk.Feedback) {
	for range rapid.IntRange(0, 3).Draw(t, "media") {
		f.Media = append(f.Media, sdk.Media{URL: genText().Draw(t, "url"), MIME: genText().Draw(t, "mime"), SHA256: genText().Draw(t, "sum")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "communities") {
		f.Communities = append(f.Communities, sdk.Community{ID: genText().Draw(t, "id"), Type: genText().Draw(t, "type")})
	}
	if rapid.Bool().Draw(t, "rated") {
		f.Rating = &sdk.Rating{Value: genNumber().Draw(t, "value"), Best: genNumber().Draw(t, "best"), Worst: genNumber().Draw(t, "worst")}
	}
	if rapid.Bool().Draw(t, "engaged") {
		n := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64())
		f.Engagement = &sdk.Engagement{Likes: n.Draw(t, "likes"), Shares: n.Draw(t, "shares"), Replies: n.Draw(t, "replies"),
			Reach: n.Draw(t, "reach"), At: genTime().Draw(t, "at")}
	}
}

func genInsight() *rapid.Generator[*sdk.Insight] {
	return rapid.Custom(func(t *rapid.T) *sdk.Insight {
		text := func(name string) string { return genText().Draw(t, name) }
		in := &sdk.Insight{
			Key: text("key"), Analyzer: text("analyzer"), Group: genTexts().Draw(t, "group"), Title: text("title"),
			Topic: text("topic"), Product: text("product"), Stage: text("stage"),
			People: rapid.Int64().Draw(t, "people"), Events: rapid.Int64().Draw(t, "events"),
			Communities: rapid.Int64().Draw(t, "communities"), Evidence: genTexts().Draw(t, "evidence"),
			FirstTime: genTime().Draw(t, "first"), LastTime: genTime().Draw(t, "last"),
			WindowStart: genTime().Draw(t, "start"), WindowEnd: genTime().Draw(t, "end"),
			Rate: genNumber().Draw(t, "rate"), Function: text("function"), Severity: genNumber().Draw(t, "severity"),
			Confidence: genNumber().Draw(t, "confidence"), RecommendedActions: genTexts().Draw(t, "actions"),
			Supersedes: text("supersedes"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "channels") {
			in.ByChannel = append(in.ByChannel, sdk.Count{Name: text("name"), N: rapid.Int64().Draw(t, "n")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "why") {
			in.Why = append(in.Why, sdk.Reason{Sentence: text("sentence"), Events: genTexts().Draw(t, "events")})
		}
		return in
	})
}

func genID() *rapid.Generator[string] { return rapid.StringN(1, 40, sdk.MaxID) }

func genEvent() *rapid.Generator[sdk.Event] {
	return rapid.Custom(func(t *rapid.T) sdk.Event {
		text := func(name string) string { return genText().Draw(t, name) }
		e := sdk.Event{
			ID: genID().Draw(t, "id"), Type: rapid.StringN(1, 40, -1).Draw(t, "type"), Subject: text("subject"),
			Time: genMoment().Draw(t, "time"), Key: genID().Draw(t, "key"), Schema: text("schema"), Correlation: text("correlation"),
			Causation: text("causation"), TraceParent: text("parent"), TraceState: text("state"), Tenant: text("tenant"),
		}
		if rapid.Bool().Draw(t, "is feedback") {
			e.Feedback = rapid.OneOf(rapid.Just(&sdk.Feedback{}), genFeedback()).Draw(t, "feedback")
		}
		if rapid.Bool().Draw(t, "is insight") {
			e.Insight = rapid.OneOf(rapid.Just(&sdk.Insight{}), genInsight()).Draw(t, "insight")
		}
		if rapid.Bool().Draw(t, "has data") {
			e.Data = []byte(text("data"))
		}
		return e
	})
}

func genEvents() *rapid.Generator[[]sdk.Event] { return rapid.SliceOfN(genEvent(), 0, 6) }
