package sdk_test

import (
	"encoding/json"
	"hash/crc32"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// fromEvent says what a path means in a decoded event, without any knowledge of the encoding. Reading rule: what was not
// given is null, and so is all below a part that is not there.
func fromEvent(e *sdk.Event, path string) sdk.Value {
	switch path {
	case "id":
		return sdk.StringValue(e.ID)
	case "source":
		return sdk.StringValue(e.Source)
	case "key":
		return sdk.StringValue(e.Key)
	case "type":
		return given(e.Type)
	case "subject":
		return given(e.Subject)
	case "time":
		return moment(e.Time)
	case "tenant":
		return given(e.Tenant)
	case "correlation":
		return given(e.Correlation)
	case "causation":
		return given(e.Causation)
	case "data":
		var data any
		_ = json.Unmarshal(e.Data, &data)
		return sdk.ValueOf(data)
	}
	if e.Feedback == nil {
		return sdk.Value{}
	}
	return fromFeedback(e.Feedback, path)
}

func given(s string) sdk.Value {
	if s == "" {
		return sdk.Value{}
	}
	return sdk.StringValue(s)
}

func moment(t time.Time) sdk.Value {
	if t.IsZero() {
		return sdk.Value{}
	}
	return sdk.StringValue(t.UTC().Format(time.RFC3339Nano))
}

func fromFeedback(f *sdk.Feedback, path string) sdk.Value {
	texts := map[string]string{
		"text": f.Text, "title": f.Title, "html": f.HTML, "url": f.URL, "kind": f.Kind, "language": f.Lang,
		"visibility": f.Visibility, "place": f.Place, "device": f.Device,
		"author.id": f.Author.ID, "author.platform": f.Author.Platform, "author.handle": f.Author.Handle, "author.name": f.Author.Display,
		"native.platform": f.Native.Platform, "native.instance": f.Native.Instance, "native.id": f.Native.ID,
		"native.revision": f.Native.Revision, "thread.root": f.Thread.Root, "thread.parent": f.Thread.Parent,
		"reply_to.capability": f.ReplyTo.Capability,
	}
	if s, ok := texts[path]; ok {
		return given(s)
	}
	if path == "author.verified" && f.Author != (sdk.Author{}) {
		return sdk.BoolValue(f.Author.Verified)
	}
	if r := f.Rating; r != nil && strings.HasPrefix(path, "rating.") {
		return sdk.NumberValue(map[string]float64{"rating.value": r.Value, "rating.best": r.Best, "rating.worst": r.Worst}[path])
	}
	if g := f.Engagement; g != nil && strings.HasPrefix(path, "engagement.") {
		return sdk.NumberValue(float64(map[string]int64{"engagement.likes": g.Likes, "engagement.shares": g.Shares,
			"engagement.replies": g.Replies, "engagement.reach": g.Reach}[path]))
	}
	return sdk.Value{}
}

func fromInsight(e *sdk.Event, path string) sdk.Value {
	switch in := e.Insight; {
	case path == "id":
		return sdk.StringValue(e.ID)
	case path == "time":
		return moment(e.Time)
	case in == nil:
		return sdk.Value{}
	default:
		return map[string]sdk.Value{
			"key": given(in.Key), "analyzer": given(in.Analyzer), "group": sdk.StringsValue(in.Group), "title": given(in.Title),
			"topic": given(in.Topic), "product": given(in.Product), "stage": given(in.Stage),
			"people": sdk.NumberValue(float64(in.People)), "events": sdk.NumberValue(float64(in.Events)),
			"communities": sdk.NumberValue(float64(in.Communities)), "evidence": sdk.StringsValue(in.Evidence),
			"first_time": moment(in.FirstTime), "last_time": moment(in.LastTime), "window_start": moment(in.WindowStart),
			"window_end": moment(in.WindowEnd), "rate": sdk.NumberValue(in.Rate), "function": given(in.Function),
			"severity": sdk.NumberValue(in.Severity), "confidence": sdk.NumberValue(in.Confidence),
		}[path]
	}
}

func TestViewAgreesWithTheEventForEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genEvent().Draw(t, "event")
		e.Source = "source.rss.blog"
		if rapid.Bool().Draw(t, "json") {
			e.Data = []byte(`{"a":{"b":[1,"x",null,true]},"n":1.5}`)
		}
		v, err := sdk.NewView(e)
		if err != nil {
			t.Fatal(err)
		}
		for root, from := range map[string]func(*sdk.Event, string) sdk.Value{"event": fromEvent, "insight": fromInsight} {
			for _, path := range sdk.KnownFields(root) {
				ref, err := sdk.ResolveRef(root, strings.Split(path, "."))
				if err != nil {
					t.Fatalf("%s.%s is known but: %v", root, path, err)
				}
				got, want := v.Get(&ref), from(&e, path)
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("%s.%s (-event +view):\n%s", root, path, diff)
				}
				if k := ref.Kind(); k != sdk.Null && got.Kind != sdk.Null && got.Kind != k {
					t.Fatalf("%s.%s is said to be a %v and is a %v", root, path, k, got.Kind)
				}
			}
		}
	})
}

func TestViewReadsBelowData(t *testing.T) {
	e := sdk.Event{ID: "a", Type: "t", Data: []byte(`{"a":{"b":[1,"x",null,{"c":true}]},"n":1.5,"":2}`)}
	v, err := sdk.NewView(e)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"n": "1.5", "a.b.0": "1", "a.b.1": "x", "a.b.2": "", "a.b.3.c": "true", "a.b.4": "", "a.b.-1": "", "a.b.x": "", "n.x": "",
		"missing": "", "a.b": `[1,"x",null,{"c":true}]`, "": "2",
	}
	for path, want := range tests {
		ref, err := sdk.ResolveRef("event", append([]string{"data"}, strings.Split(path, ".")...))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Get(&ref).Text(); got != want {
			t.Errorf("event.data.%s is %q, want %q", path, got, want)
		}
	}
}

func TestViewOfDataMovesWithTheEvent(t *testing.T) {
	r := build(t, nil, sdk.Event{ID: "a", Type: "t", Data: []byte(`{"n":1}`)}, sdk.Event{ID: "b", Type: "t", Data: []byte(`no JSON`)},
		said("c", "x"), sdk.Event{ID: "d", Type: "t", Data: []byte(`{"n":4}`)})
	ref, err := sdk.ResolveRef("event", []string{"data", "n"})
	if err != nil {
		t.Fatal(err)
	}
	var v sdk.View
	for i, want := range []string{"1", "", "", "4"} {
		v.Reset(r, i, nil)
		for range 2 {
			if got := v.Get(&ref).Text(); got != want {
				t.Errorf("event %d has %q, want %q", i, got, want)
			}
		}
	}
}

func TestViewReadsAnnotations(t *testing.T) {
	e := said("a", "x")
	e.Annotations = []sdk.Annotation{{Analyzer: "mood", Field: "label", Value: sdk.StringValue("good")}}
	v, err := sdk.NewView(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][3]string{{"mood", "label", "good"}, {"mood", "score", ""}, {"lang", "label", ""}} {
		ref := sdk.AnnotationRef(tt[0], tt[1])
		if got := v.Get(&ref).Text(); got != tt[2] || ref.Analyzer() != tt[0] || ref.Kind() != sdk.Null {
			t.Errorf("%s.%s is %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}

func TestUnknownFieldsAreErrors(t *testing.T) {
	for _, path := range []string{"event.txt", "event", "insight.data", "event.author", "other.id", "event.id.x"} {
		parts := strings.Split(path, ".")
		if _, err := sdk.ResolveRef(parts[0], parts[1:]); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got error %v", path, err)
		}
	}
	if sdk.KnownFields("other") != nil {
		t.Error("an unknown root has fields")
	}
}

// Routes ask for fields of every event: reading a text, number or bool must not allocate. Times are formatted, lists built.
func TestViewAllocatesNothing(t *testing.T) {
	e := said("a", strings.Repeat("long text ", 50))
	e.Feedback.Author, e.Feedback.Rating = sdk.Author{ID: "ann", Verified: true}, &sdk.Rating{Value: 3}
	e.Insight = &sdk.Insight{People: 3, Rate: math.Pi, Topic: strconv.Itoa(7), FirstTime: e.Time}
	e.Annotations = []sdk.Annotation{{Analyzer: "mood", Field: "label", Value: sdk.StringValue("good")},
		{Analyzer: "mood", Field: "score", Value: sdk.NumberValue(1)}}
	v, err := sdk.NewView(e)
	if err != nil {
		t.Fatal(err)
	}
	refs := map[string]sdk.Ref{"mood.label": sdk.AnnotationRef("mood", "label"), "mood.score": sdk.AnnotationRef("mood", "score")}
	for _, root := range []string{"event", "insight"} {
		for _, path := range sdk.KnownFields(root) {
			ref, err := sdk.ResolveRef(root, strings.Split(path, "."))
			if err != nil {
				t.Fatal(err)
			}
			isTime := strings.Contains(path, "time") || strings.HasPrefix(path, "window")
			if k := ref.Kind(); !isTime && (k == sdk.String || k == sdk.Number || k == sdk.Bool) {
				refs[root+"."+path] = ref
			}
		}
	}
	for name, ref := range refs {
		var sink sdk.Value
		if n := testing.AllocsPerRun(100, func() { sink = v.Get(&ref) }); n != 0 {
			t.Errorf("reading %s, %q, allocates %v times", name, sink.Text(), n)
		}
	}
	if len(refs) < 40 {
		t.Errorf("only %d fields were measured", len(refs))
	}
}

// A stranger's event may end anywhere, also in the middle of a field that a route passes over.
func TestViewReadsNothingBehindAnEventThatIsCut(t *testing.T) {
	fb := &sdk.Feedback{Text: strings.Repeat("long ", 40), Title: strings.Repeat("x", 20_000), Author: sdk.Author{Handle: "ann"}}
	e := sdk.Event{ID: "a", Subject: "s", Time: time.Unix(1, 0), Feedback: fb}
	v, err := sdk.NewView(e)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := sdk.ResolveRef("event", []string{"author", "handle"})
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Get(&ref); got.Str != "ann" {
		t.Errorf("behind a title of 20,000 letters: %v", got)
	}
	var whole pb.Records
	if err := proto.Unmarshal(build(t, nil, e).Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	body := whole.Body
	for n := range min(len(body), 400) {
		whole.Body, whole.Head.Lengths = body[:n], []uint32{uint32(n)}
		whole.Head.Crc32C = crc32.Checksum(whole.Body, crc32.MakeTable(crc32.Castagnoli))
		b, err := proto.Marshal(&whole)
		if err != nil {
			t.Fatal(err)
		}
		r, err := sdk.ParseRecords(b)
		if err != nil {
			t.Fatal(err)
		}
		v.Reset(r, 0, nil)
		if got := v.Get(&ref); !got.IsNull() && got.Str != "" {
			t.Fatalf("cut after %d bytes: %v", n, got)
		}
	}
}
