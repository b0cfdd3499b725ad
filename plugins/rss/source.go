package rss

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// SourceConfig is the configuration of source "rss".
type SourceConfig struct {
	URL          string        `pintle:"url" doc:"Address of the feed, http or https. Either url or file."`
	File         string        `pintle:"file" doc:"A feed in a file, relative to the folder of the configuration. Either url or file."`
	Every        time.Duration `pintle:"every" default:"15m" min:"10s" doc:"Pause between two looks. A server that asks for a longer one gets it."`
	Timeout      time.Duration `pintle:"timeout" default:"30s" min:"1s" max:"10m" doc:"How long one look at a url may take."`
	AllowPrivate bool          `pintle:"allow_private" doc:"Let the url lead to this machine or to a private network. Without it such addresses are refused, also when a public server redirects to them."`
}

const maxURL = 2048 // bytes: addresses are part of the position

// Source declares source "rss".
func Source() sdk.SourceSpec {
	s := sdk.NewSource("rss", "Reads RSS, Atom and JSON Feed, and emits the entries that are new or were changed.", openSource)
	s.Finite = true // for who asks with sdk.Once: one look
	return s
}

// source reads one feed. What it learns in a run is in a state.
type source struct {
	config   SourceConfig
	instance string // the channel, in the identity of events
	fetch    fetcher
}

// fetcher gets the feed's bytes, if they may have changed.
type fetcher interface {
	// fetch returns nil without error when the feed is what it was. It notes validators in st.
	fetch(ctx context.Context, st *state) ([]byte, error)
}

func openSource(_ context.Context, c SourceConfig) (sdk.Source, error) {
	switch {
	case (c.URL == "") == (c.File == ""):
		return nil, sdk.Errorf(sdk.Invalid, "a feed needs either url or file: one of them, not both")
	case c.File != "":
		return &source{config: c, instance: filepath.Base(c.File), fetch: fileFetcher{c.File}}, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(c.URL) > maxURL {
		return nil, sdk.Errorf(sdk.Invalid, "url is not an address of at most %d characters that begins with http:// or https://", maxURL)
	}
	return &source{config: c, instance: u.Hostname(), fetch: newWebFetcher(u, c)}, nil
}

// Run looks at the feed again and again. What fails for the moment is logged and tried at the next look.
func (s *source) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	st, err := parsePosition(from, s.config.URL)
	if err != nil {
		return err
	}
	for first := !st.read; ; first = false {
		err := s.look(ctx, st, out)
		switch {
		case ctx.Err() != nil:
			return nil
		case sdk.Once(ctx), err != nil && final(err, first):
			return err
		case err != nil:
			slog.Warn("the feed was not read and will be tried again", "feed", s.instance, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(s.config.Every, pauseOf(err))):
		}
	}
}

// final reports whether err ends the run: the feed is gone, the hub cannot take events, or (at the first look ever, when
// somebody has just written the configuration) what no later try would mend. A feed that was read before this run was started
// may be back later.
func final(err error, first bool) bool {
	var stop *stopError
	return errors.As(err, &stop) || first && !sdk.Temporary(err)
}

// stopError is an error after which looking again has no sense.
type stopError struct{ error }

func (e *stopError) Unwrap() error { return e.error }

const maxPause = 24 * time.Hour

// pauseOf is how long the other side asked us to wait.
func pauseOf(err error) time.Duration {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return 0
	}
	return min(e.RetryAfter, maxPause)
}

// look gets the feed once, and emits what is new.
func (s *source) look(ctx context.Context, st *state, out sdk.Emitter) error {
	next := *st
	body, err := s.fetch.fetch(ctx, &next)
	if err != nil {
		return err
	}
	if body != nil && next.changed(body) {
		feed, err := parse(body)
		if err != nil {
			return err
		}
		if err := s.emit(ctx, feed, st, &next, out); err != nil {
			return &stopError{err}
		}
	}
	*st = next
	return nil
}
