package rss

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/pintle-hub/pintle/plugins/internal/fieldmap"
	"github.com/pintle-hub/pintle/sdk"
)

const (
	chunkEvents = 256       // events a Send takes at most
	chunkBytes  = 512 << 10 // bytes of text after which a Send is due
)

// emit sends the entries that were not seen, oldest first: feeds begin with the newest. The position of all but the last call
// has no validators, so that after a crash the feed is asked for again.
func (s *source) emit(ctx context.Context, feed *gofeed.Feed, old, next *state, out sdk.Emitter) error {
	known := make(map[digest]bool, len(old.Seen))
	for _, d := range old.Seen {
		known[d] = true
	}
	var now digests
	var events []sdk.Event
	size := 0
	partial := state{Version: 1, URL: next.URL, Moved: next.Moved}
	for i := len(feed.Items) - 1; i >= 0; i-- {
		if len(events) == chunkEvents || size > chunkBytes {
			partial.Seen = remember(reversed(now), old.Seen, maxItems)
			if err := out.Send(ctx, partial.position(), events...); err != nil {
				return fmt.Errorf("send events: %w", err)
			}
			events, size = nil, 0
		}
		e, d := s.event(feed, feed.Items[i])
		if now = append(now, d); known[d] {
			continue
		}
		known[d] = true
		events = append(events, e)
		size += len(e.Data) + bodySize(e.Feedback)
	}
	next.Seen = remember(reversed(now), old.Seen, keepItems)
	if len(events) == 0 {
		return nil
	}
	if err := out.Send(ctx, next.position(), events...); err != nil {
		return fmt.Errorf("send events: %w", err)
	}
	return nil
}

func bodySize(fb *sdk.Feedback) int {
	if fb == nil {
		return 0
	}
	return len(fb.Text) + len(fb.HTML)
}

// reversed returns list from its end, so that the newest come first; each stands once.
func reversed(list digests) digests {
	r, in := make(digests, 0, len(list)), make(map[digest]bool, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		if !in[list[i]] {
			in[list[i]] = true
			r = append(r, list[i])
		}
	}
	return r
}

// event makes the event of an entry, and its digest. The revision is a hash of what a reader sees, so that a changed entry is a
// new event and a repeated one is not.
func (s *source) event(feed *gofeed.Feed, item *gofeed.Item) (sdk.Event, digest) {
	guid := item.GUID
	if guid == "" {
		guid = sdk.HashID(item.Link, item.Title, item.Published)
	}
	author := authorOf(feed, item)
	revision := sdk.HashID(item.Title, item.Description, item.Content, item.Link, author)[:16]
	fb := &sdk.Feedback{
		Title: htmlText(item.Title), URL: item.Link, Lang: feed.Language,
		Native: sdk.Native{Platform: "rss", Instance: s.instance, ID: guid, Revision: revision, EditedAt: timeOf(item.UpdatedParsed)},
		Author: sdk.Author{ID: author, Handle: author, Display: author},
	}
	fillText(fb, item)
	for _, e := range item.Enclosures {
		fb.Media = append(fb.Media, sdk.Media{URL: e.URL, MIME: e.Type})
	}
	e := sdk.Event{Time: timeOf(item.PublishedParsed), Feedback: fb, Data: dataOf(feed, item)}
	if e.Time.IsZero() {
		e.Time = fb.Native.EditedAt
	}
	if err := fieldmap.Check(&e); err != nil {
		e = s.rejected(fb, err)
	}
	return e, digestOf(guid, revision)
}

func (s *source) rejected(fb *sdk.Feedback, err error) sdk.Event {
	id := "rj_" + sdk.HashID("rss", s.instance, fb.Native.ID, fb.Native.Revision)
	where := s.instance
	if u := fb.URL; u != "" && len(u) <= maxURL {
		where = u
	}
	return sdk.Rejected(id, where, err.Error(), []byte(fb.Title+"\n\n"+fb.Text))
}

// fillText sets the text to the longest form the feed has: the content, else the description, else the title.
func fillText(fb *sdk.Feedback, item *gofeed.Item) {
	source := item.Content
	if strings.TrimSpace(source) == "" {
		source = item.Description
	}
	source = strings.TrimSpace(source)
	fb.Text = htmlText(source)
	if fb.Text != source {
		fb.HTML = source
	}
	if fb.Text == "" {
		fb.Text = fb.Title
	}
}

// authorOf returns the name of the entry's author, or the feed's: the name is all that feeds have to tell people apart.
func authorOf(feed *gofeed.Feed, item *gofeed.Item) string {
	for _, list := range [][]*gofeed.Person{item.Authors, feed.Authors} {
		for _, p := range list {
			if p == nil {
				continue
			}
			if name := strings.TrimSpace(p.Name); name != "" {
				return name
			}
			if p.Email != "" {
				return strings.TrimSpace(p.Email)
			}
		}
	}
	return ""
}

// timeOf returns a time that the log can keep, or none.
func timeOf(t *time.Time) time.Time {
	if t == nil || t.UTC().Year() < 1678 || t.UTC().Year() > 2261 {
		return time.Time{}
	}
	return *t
}

// dataOf keeps what has no field of its own.
func dataOf(feed *gofeed.Feed, item *gofeed.Item) []byte {
	data := struct {
		Feed       string   `json:"feed,omitempty"`
		Categories []string `json:"categories,omitempty"`
		Published  string   `json:"published,omitempty"`
	}{Feed: feed.Title, Categories: item.Categories}
	if timeOf(item.PublishedParsed).IsZero() {
		data.Published = item.Published // in a form that nobody could read
	}
	b, err := json.Marshal(data)
	if err != nil || len(b) == len("{}") {
		return nil
	}
	return b
}
