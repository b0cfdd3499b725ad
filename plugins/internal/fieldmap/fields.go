package fieldmap

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/pintle-hub/pintle/sdk"
)

// field is one thing of an event that a map can fill.
type field int

const (
	id field = iota
	revision
	when
	author
	authorHandle
	authorName
	text
	title
	html
	url
	language
	kind
	key
	subject
	thread
	threadParent
	rating
	ratingBest
	ratingWorst
	place
	device
	visibility
	fieldCount
)

// Without a scale a rating lies on the one that schema.org supposes.
const (
	defaultBest  = 5
	defaultWorst = 1
)

func names() [fieldCount]string {
	return [...]string{
		id: "id", revision: "revision", when: "time", author: "author", authorHandle: "author.handle",
		authorName: "author.name", text: "text", title: "title", html: "html", url: "url", language: "language",
		kind: "kind", key: "key", subject: "subject", thread: "thread", threadParent: "thread.parent",
		rating: "rating", ratingBest: "rating.best", ratingWorst: "rating.worst",
		place: "place", device: "device", visibility: "visibility",
	}
}

func fieldNamed(name string) (field, bool) {
	all := names()
	i := slices.Index(all[:], name)
	return field(i), i >= 0
}

func fieldNames() []string {
	all := names()
	return all[:]
}

// values is what an entry has for each field, "" where it has nothing.
type values [fieldCount]string

// fill sets the field f of e. Ratings are left to fillRating, because they have three parts.
func (m *Map) fill(e *sdk.Event, f field, s string) (err error) {
	fb := e.Feedback
	switch f {
	case id:
		fb.Native.ID = s
	case revision:
		fb.Native.Revision = s
	case when:
		e.Time, err = m.times.parse(s)
	case author:
		fb.Author.ID, fb.Author.Handle = s, s
	case key:
		e.Key = s
	case subject:
		e.Subject = s
	case thread:
		fb.Thread.Root = s
	case threadParent:
		fb.Thread.Parent = s
	default:
		if p := plain(fb, f); p != nil {
			*p = s
		}
	}
	return err
}

// plain returns where a field that is only a text is kept, or nil.
func plain(fb *sdk.Feedback, f field) *string {
	switch f {
	case authorHandle:
		return &fb.Author.Handle
	case authorName:
		return &fb.Author.Display
	case text:
		return &fb.Text
	case title:
		return &fb.Title
	case html:
		return &fb.HTML
	case url:
		return &fb.URL
	case language:
		return &fb.Lang
	case kind:
		return &fb.Kind
	case place:
		return &fb.Place
	case device:
		return &fb.Device
	case visibility:
		return &fb.Visibility
	}
	return nil
}

func fillRating(fb *sdk.Feedback, v *values) error {
	if v[rating] == "" {
		return nil
	}
	r := sdk.Rating{Best: defaultBest, Worst: defaultWorst}
	parts := []struct {
		f  field
		to *float64
	}{{rating, &r.Value}, {ratingBest, &r.Best}, {ratingWorst, &r.Worst}}
	for _, p := range parts {
		s := v[p.f]
		if s == "" {
			continue
		}
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return fmt.Errorf("its %s is not a number", names()[p.f])
		}
		*p.to = n
	}
	fb.Rating = &r
	return nil
}

// encodedMost leaves room for the head and tail of each field that the encoding adds.
const encodedMost = sdk.MaxEventBytes - 4<<10

// Check says why the hub would refuse an event that is otherwise well made, or returns nil: it is too large, or its key is too
// long. Sources call it before they emit, and reject what does not pass.
func Check(e *sdk.Event) error {
	size := len(e.Data) + len(e.Subject)
	by := ""
	if fb := e.Feedback; fb != nil {
		size += len(fb.Text) + len(fb.Title) + len(fb.HTML) + len(fb.URL) + len(fb.Lang) + len(fb.Kind) + len(fb.Place) +
			len(fb.Device) + len(fb.Visibility) + len(fb.Native.ID) + len(fb.Native.Revision) + len(fb.Thread.Root) +
			len(fb.Thread.Parent) + len(fb.Author.ID) + len(fb.Author.Handle) + len(fb.Author.Display)
		for _, m := range fb.Media {
			size += len(m.URL) + len(m.MIME) + 16
		}
		by = fb.Author.ID
	}
	switch {
	case size > encodedMost:
		return fmt.Errorf("it makes an event of %d bytes; %d are possible", size, encodedMost)
	case len(e.Key) > sdk.MaxID:
		return fmt.Errorf("its key has %d bytes; %d are possible", len(e.Key), sdk.MaxID)
	case len(by) > sdk.MaxID:
		return fmt.Errorf("its author has %d bytes; %d are possible", len(by), sdk.MaxID)
	}
	return nil
}

var errDepth = errors.New("its JSON nests deeper than " + strconv.Itoa(sdk.MaxDepth) + " levels")
