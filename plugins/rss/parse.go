package rss

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	maxDepth = 64
	// maxElements bounds the memory that a parsed feed takes: each element or object costs some hundred bytes.
	maxElements = 250_000
)

// parse reads a feed of any kind that keeps the limits. Errors say where it breaks, not what stands there.
func parse(body []byte) (*gofeed.Feed, error) {
	body = clean(body)
	if err := checkShape(body); err != nil {
		return nil, err
	}
	p := gofeed.NewParser()
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	feed, err := p.Parse(bytes.NewReader(body))
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		return nil, sdk.Errorf(sdk.Invalid, "this is neither RSS nor Atom nor JSON Feed; is it the address of a web page?")
	}
	if err != nil {
		return nil, broken(err)
	}
	if len(feed.Items) > maxItems {
		return nil, sdk.Errorf(sdk.Invalid, "the feed has %d entries, at most %d are possible; ask for a shorter one", len(feed.Items), maxItems)
	}
	return feed, nil
}

// clean takes out the control characters that no XML may hold and many feeds do, whatever their encoding, and the byte order
// mark, which JSON may not have.
func clean(body []byte) []byte {
	return slices.DeleteFunc(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), func(b byte) bool {
		return b < ' ' && b != '\t' && b != '\n' && b != '\r'
	})
}

// checkShape goes over the feed before it is built up in memory, with the decoder that gofeed uses.
func checkShape(body []byte) error {
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '{' {
		if bytes.Count(body, []byte{'{'}) > maxElements {
			return tooManyElements()
		}
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	for depth, elements := 0, 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
			elements++
		case xml.EndElement:
			depth--
		}
		if depth > maxDepth {
			return sdk.Errorf(sdk.Invalid, "the feed nests elements deeper than %d levels", maxDepth)
		}
		if elements > maxElements {
			return tooManyElements()
		}
	}
}

func tooManyElements() error {
	return sdk.Errorf(sdk.Invalid, "the feed has more than %d elements; ask for a shorter one", maxElements)
}

func broken(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return sdk.Errorf(sdk.Invalid, "the feed's XML is broken in line %d", syntax.Line)
	}
	return sdk.Errorf(sdk.Invalid, "the feed is broken: its form is not that of RSS, Atom or JSON Feed")
}
