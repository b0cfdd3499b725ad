package fieldmap_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

func newMap(t testing.TB, fields map[string]string) *fieldmap.Map {
	t.Helper()
	m, err := fieldmap.New(fields, "")
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return m
}

func TestJSONFillsFieldsAndKeepsTheRest(t *testing.T) {
	fields := map[string]string{
		"id": "post.id", "time": "post.at", "author": "user.handle", "author.name": "user.name", "text": "body",
		"title": "subject line", "thread": "refs.0", "rating": "stars",
	}
	for _, c := range []struct{ name, in, data, text, id string }{
		{"nothing left", `{"post":{"id":"p1"},"body":"hi"}`, ``, "hi", "p1"},
		{"members left", `{"a":1,"post":{"id":"p1","x":[1, 2]},"body":"hi","b":null}`, `{"a":1,"post":{"x":[1, 2]},"b":null}`, "hi", "p1"},
		{"first member mapped", `{"body":"hi","a":1}`, `{"a":1}`, "hi", ""},
		{"white space", " {\n\"post\" :\t{ \"id\" : 12 , \"y\" : {} } , \"body\" : \"hi\" }\r", `{"post":{"y":{}}}`, "hi", "12"},
		{"escapes", `{"b\u006fdy":"a\"b\\ \ud83d\ude00 \ud800.","\"k\"":"v\\\""}`, `{"\"k\"":"v\\\""}`, "a\"b\\ \U0001F600 \uFFFD.", ""},
		{"null is nothing", `{"post":null,"body":null}`, `{"post":null}`, "", ""},
		{"not as deep as mapped", `{"post":"p1","body":"x"}`, `{"post":"p1"}`, "x", ""},
		{"item of a list", `{"refs":["r0",{"a":[1]}],"body":"x"}`, `{"refs":["r0",{"a":[1]}]}`, "x", ""},
		{"flat names", `{"post.id":"p1","body":"x","post.other":true}`, `{"post.other":true}`, "x", "p1"},
		{"true and big numbers", `{"post":{"id":12345678901234567890},"body":true}`, ``, "true", "12345678901234567890"},
		{"the last of two", `{"body":"a","body":"b"}`, ``, "b", ""},
		{"empty", `{}`, ``, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := newMap(t, fields).JSON([]byte(c.in))
			if err != nil {
				t.Fatalf("JSON: %v", err)
			}
			if got := string(e.Data); got != c.data {
				t.Errorf("data %s, want %s", got, c.data)
			}
			if e.Feedback.Text != c.text || e.Feedback.Native.ID != c.id {
				t.Errorf("text %q and id %q, want %q and %q", e.Feedback.Text, e.Feedback.Native.ID, c.text, c.id)
			}
		})
	}
}

func TestJSONFillsEveryField(t *testing.T) {
	fields := map[string]string{}
	object := map[string]string{}
	for _, name := range []string{"id", "revision", "author", "author.handle", "author.name", "text", "title", "html", "url",
		"language", "kind", "key", "subject", "thread", "thread.parent", "place", "device", "visibility"} {
		fields[name], object["m "+strings.ReplaceAll(name, ".", "_")] = "m "+strings.ReplaceAll(name, ".", "_"), "the "+name
	}
	fields["time"], object["t"] = "t", "2026-05-04T08:00:00+02:00"
	fields["rating"], object["r"] = "r", "7.5"
	fields["rating.best"], object["rb"] = "rb", "10"
	fields["rating.worst"], object["rw"] = "rw", "0"
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	got, err := newMap(t, fields).JSON(raw)
	if err != nil {
		t.Fatalf("JSON: %v", err)
	}
	want := sdk.Event{
		Time: time.Date(2026, 5, 4, 6, 0, 0, 0, time.UTC), Key: "the key", Subject: "the subject",
		Feedback: &sdk.Feedback{
			Kind: "the kind", Text: "the text", Title: "the title", HTML: "the html", Lang: "the language", URL: "the url",
			Native: sdk.Native{ID: "the id", Revision: "the revision"},
			Thread: sdk.Thread{Root: "the thread", Parent: "the thread.parent"},
			Author: sdk.Author{ID: "the author", Handle: "the author.handle", Display: "the author.name"},
			Rating: &sdk.Rating{Value: 7.5, Best: 10, Worst: 0},
			Place:  "the place", Device: "the device", Visibility: "the visibility",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestWithoutAMapAllIsData(t *testing.T) {
	m := newMap(t, nil)
	for _, in := range []string{`{"a": [1, {"b": "c"}]}`, `[1,2]`, `"x"`, `12`} {
		e, err := m.JSON([]byte(" " + in + "\n"))
		if err != nil {
			t.Fatalf("JSON of %s: %v", in, err)
		}
		if e.Type != fieldmap.TypeData || string(e.Data) != in || e.Feedback != nil {
			t.Errorf("got type %q, data %s; want all of %s as data", e.Type, e.Data, in)
		}
	}
}

func TestRejections(t *testing.T) {
	m := newMap(t, map[string]string{"id": "id", "text": "body", "time": "at", "rating": "stars"})
	deep := strings.Repeat(`[`, 80) + "1" + strings.Repeat(`]`, 80)
	for _, c := range []struct{ name, in, want string }{
		{"empty", ``, "it is not JSON"},
		{"cut", `{"body":"secret`, "broken at byte 15"},
		{"two values", `{"body":"secret"} {}`, "broken at byte"},
		{"list", `["secret"]`, "not a JSON object"},
		{"bytes", "{\"body\":\"secret\xff\"}", "not valid UTF-8"},
		{"object for text", `{"body":{"x":"secret"}}`, "member body is an object or a list and cannot be the text"},
		{"time", `{"at":"secret"}`, "time is not written in the expected form"},
		{"a year for a time", `{"at":2026}`, "time is not written in the expected form"},
		{"far time", `{"at":"0001-01-01T00:00:00Z"}`, "time is out of range"},
		{"rating", `{"stars":"secret"}`, "rating is not a number"},
		{"rating NaN", `{"stars":"NaN"}`, "rating is not a number"},
		{"deep", `{"secret":` + deep + `}`, "nests deeper than 64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := m.JSON([]byte(c.in))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q quotes the entry", err)
			}
		})
	}
}

func TestMistakesInTheMap(t *testing.T) {
	for _, c := range []struct {
		fields map[string]string
		format string
		want   string
	}{
		{map[string]string{"txt": "body"}, "", `no field "txt"`},
		{map[string]string{"text": ""}, "", "text is empty"},
		{map[string]string{"text": "x"}, "%Y-%m-%d", "names no part of a time"},
	} {
		if _, err := fieldmap.New(c.fields, c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%v, %q): error %v, want one with %q", c.fields, c.format, err, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	utc := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct{ format, in, want string }{
		{"", "2026-05-04T08:21:00Z", "2026-05-04T08:21:00Z"},
		{"", "2026-05-04T08:21:00.25+02:00", "2026-05-04T06:21:00.25Z"},
		{"", "2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52Z"},
		{"", "2026-05-04 08:21:00", "2026-05-04T08:21:00Z"},
		{"", "2026-05-04T08:21:00", "2026-05-04T08:21:00Z"},
		{"", "2026-05-04", "2026-05-04T00:00:00Z"},
		{"", "1777882860", "2026-05-04T08:21:00Z"},
		{"", "1777882860.5", "2026-05-04T08:21:00.5Z"},
		{"", "1777882860123", "2026-05-04T08:21:00.123Z"},
		{"unix", "12", "1970-01-01T00:00:12Z"},
		{"unix_ms", "-1500", "1969-12-31T23:59:58.5Z"},
		{"02.01.2006 15:04", "04.05.2026 08:21", "2026-05-04T08:21:00Z"},
	} {
		m, err := fieldmap.New(map[string]string{"time": "t"}, c.format)
		if err != nil {
			t.Fatalf("New: %v", err)
		}
		raw, _ := json.Marshal(map[string]string{"t": c.in})
		e, err := m.JSON(raw)
		if err != nil || !e.Time.Equal(utc(c.want)) {
			t.Errorf("time %q by format %q: %v, %v; want %s", c.in, c.format, e.Time, err, c.want)
		}
	}
}

func TestRows(t *testing.T) {
	m := newMap(t, map[string]string{"id": "review_id", "text": "review", "rating": "stars"})
	cols, err := m.Columns([]string{"review_id", "product", "stars", "", "product", "review"})
	if err != nil {
		t.Fatalf("Columns: %v", err)
	}
	e, err := cols.Row([]string{"r1", "Ot\"ter\\\n\x01<é>", "4", "n", "", "good"})
	if err != nil {
		t.Fatalf("Row: %v", err)
	}
	if want := `{"product":"Ot\"ter\\\n\u0001<é>","column 4":"n","product_2":""}`; string(e.Data) != want {
		t.Errorf("data %s, want %s", e.Data, want)
	}
	if diff := cmp.Diff(&sdk.Rating{Value: 4, Best: 5, Worst: 1}, e.Feedback.Rating); diff != "" {
		t.Errorf("rating (-want +got):\n%s", diff)
	}
	if _, err := cols.Row([]string{"r1"}); err == nil || !strings.Contains(err.Error(), "1 cells, the table 6 columns") {
		t.Errorf("a ragged row gave %v", err)
	}
	if _, err := cols.Row([]string{"r1", "\xff", "", "", "", ""}); err == nil {
		t.Error("a row that is no UTF-8 passed")
	}
	if _, err := m.Columns([]string{"id", "review"}); err == nil || !strings.Contains(err.Error(), "there are id, review") {
		t.Errorf("a table without a mapped column gave %v", err)
	}
}

func TestARowOfMappedColumnsHasNoData(t *testing.T) {
	cols, err := newMap(t, map[string]string{"text": "a"}).Columns([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := cols.Row([]string{"x"}); err != nil || e.Data != nil {
		t.Errorf("data %s, error %v; want none", e.Data, err)
	}
}

func TestCheckAgreesWithTheHub(t *testing.T) {
	long := strings.Repeat("x", sdk.MaxID+1)
	for _, c := range []struct {
		name string
		e    sdk.Event
	}{
		{"large text", sdk.Event{Feedback: &sdk.Feedback{Text: strings.Repeat("x", sdk.MaxEventBytes)}}},
		{"large together", sdk.Event{Data: make([]byte, sdk.MaxEventBytes/2), Feedback: &sdk.Feedback{HTML: strings.Repeat("x", sdk.MaxEventBytes/2)}}},
		{"many pictures", sdk.Event{Feedback: &sdk.Feedback{Media: make([]sdk.Media, sdk.MaxEventBytes)}}},
		{"long key", sdk.Event{Key: long, Feedback: &sdk.Feedback{}}},
		{"long author", sdk.Event{Feedback: &sdk.Feedback{Author: sdk.Author{ID: long}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.e.ID = "x"
			if _, err := sdk.BatchOf(c.e); err == nil {
				t.Fatal("the hub takes it: the test is wrong")
			}
			if fieldmap.Check(&c.e) == nil {
				t.Error("Check passed what the hub refuses")
			}
		})
	}
	fits := sdk.Event{ID: "x", Feedback: &sdk.Feedback{Text: strings.Repeat("x", sdk.MaxEventBytes-5<<10)}}
	if err := fieldmap.Check(&fits); err != nil {
		t.Errorf("Check refused what fits: %v", err)
	}
}

func BenchmarkJSON(b *testing.B) {
	m := newMap(b, map[string]string{"id": "post.id", "time": "post.at", "author": "user.handle", "text": "body"})
	line := []byte(`{"post":{"id":"p-0001","at":"2026-05-04T06:12:00Z"},"user":{"handle":"nightshift_nora"},"body":"` +
		strings.Repeat("still waiting for my refund ", 6) + `","lang_hint":"en","likes":14}`)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if _, err := m.JSON(line); err != nil {
			b.Fatal(err)
		}
	}
}
