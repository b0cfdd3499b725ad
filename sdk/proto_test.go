package sdk_test

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// How an event stands in records.proto, written with the generated code alone.

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func protoEvent(e *sdk.Event) *pb.Event {
	return &pb.Event{
		Type: e.Type, Subject: e.Subject, TimeNs: nanos(e.Time), Schema: e.Schema, Correlation: e.Correlation,
		Causation: e.Causation, TraceParent: e.TraceParent, TraceState: e.TraceState, Tenant: e.Tenant, Data: e.Data,
		Feedback: protoFeedback(e.Feedback), Insight: protoInsight(e.Insight),
	}
}

func protoFeedback(f *sdk.Feedback) *pb.Feedback {
	if f == nil {
		return nil
	}
	out := &pb.Feedback{
		Kind: f.Kind, Text: f.Text, Title: f.Title, Html: f.HTML, Lang: f.Lang, LangConfidence: f.LangConfidence, Url: f.URL,
		Addressee: f.Addressee, Visibility: f.Visibility, Place: f.Place, Device: f.Device,
		Native: &pb.Native{Platform: f.Native.Platform, Instance: f.Native.Instance, Id: f.Native.ID, Revision: f.Native.Revision,
			EditedNs: nanos(f.Native.EditedAt), DeletedNs: nanos(f.Native.Deleted)},
		Thread: &pb.Thread{Root: f.Thread.Root, Parent: f.Thread.Parent, Position: f.Thread.Position},
		Author: &pb.Author{Id: f.Author.ID, Platform: f.Author.Platform, Handle: f.Author.Handle, Display: f.Author.Display,
			Verified: f.Author.Verified, BotLikely: f.Author.BotLikely},
		Consent:   &pb.Consent{Basis: f.Consent.Basis, Scope: f.Consent.Scope},
		Retention: &pb.Retention{DeleteAfterNs: nanos(f.Retention.DeleteAfter), SourcePolicy: f.Retention.SourcePolicy},
		ReplyTo: &pb.ReplyTo{Capability: f.ReplyTo.Capability, WindowUntilNs: nanos(f.ReplyTo.WindowUntil),
			MustBeMentioned: f.ReplyTo.MustBeMentioned, MaxLen: f.ReplyTo.MaxLen},
	}
	for _, m := range f.Media {
		out.Media = append(out.Media, &pb.Media{Url: m.URL, Mime: m.MIME, Sha256: m.SHA256})
	}
	for _, c := range f.Communities {
		out.Communities = append(out.Communities, &pb.Community{Id: c.ID, Type: c.Type})
	}
	if r := f.Rating; r != nil {
		out.Rating = &pb.Rating{Value: &r.Value, Best: &r.Best, Worst: &r.Worst}
	}
	if e := f.Engagement; e != nil {
		out.Engagement = &pb.Engagement{Likes: e.Likes, Shares: e.Shares, Replies: e.Replies, Reach: e.Reach, AtNs: nanos(e.At)}
	}
	return withoutEmpty(out)
}

// withoutEmpty leaves out the parts that a struct holds by value and that say nothing.
func withoutEmpty(f *pb.Feedback) *pb.Feedback {
	if proto.Size(f.Native) == 0 {
		f.Native = nil
	}
	if proto.Size(f.Thread) == 0 {
		f.Thread = nil
	}
	if proto.Size(f.Author) == 0 {
		f.Author = nil
	}
	if proto.Size(f.Consent) == 0 {
		f.Consent = nil
	}
	if proto.Size(f.Retention) == 0 {
		f.Retention = nil
	}
	if proto.Size(f.ReplyTo) == 0 {
		f.ReplyTo = nil
	}
	return f
}

func protoInsight(in *sdk.Insight) *pb.Insight {
	if in == nil {
		return nil
	}
	out := &pb.Insight{
		Key: in.Key, Analyzer: in.Analyzer, Group: in.Group, Title: in.Title, Topic: in.Topic, Product: in.Product, Stage: in.Stage,
		People: in.People, Events: in.Events, Communities: in.Communities, Evidence: in.Evidence,
		FirstNs: nanos(in.FirstTime), LastNs: nanos(in.LastTime), WindowStartNs: nanos(in.WindowStart), WindowEndNs: nanos(in.WindowEnd),
		Rate: in.Rate, Function: in.Function, Severity: in.Severity, Confidence: in.Confidence,
		RecommendedActions: in.RecommendedActions, Supersedes: in.Supersedes,
	}
	for _, c := range in.ByChannel {
		out.ByChannel = append(out.ByChannel, &pb.Count{Name: c.Name, N: c.N})
	}
	for _, w := range in.Why {
		out.Why = append(out.Why, &pb.Reason{Sentence: w.Sentence, Events: w.Events})
	}
	return out
}
