package sdk

import "time"

// Feedback is the body of TypeFeedback: what was said or happened, and by whom. Text is the only field that most sources
// must set; everything else is optional, and empty means unknown.
type Feedback struct {
	// Kind is post, comment, review, message, email, call, note, visit, survey or metric_alert. Empty means post.
	Kind string
	// Text is what was said, plain. HTML is the same with markup, when the channel has it: never shown unescaped.
	Text, Title, HTML string
	// Lang is a BCP-47 code as the channel declares it; analyzers add their own finding as an annotation.
	Lang           string
	LangConfidence float64
	URL            string
	Media          []Media
	Native         Native
	Thread         Thread
	Author         Author
	// Addressee is to_us, to_peer, about_us or unknown.
	Addressee   string
	Communities []Community
	Rating      *Rating
	Engagement  *Engagement
	// Visibility is public, unlisted or private.
	Visibility    string
	Place, Device string
	Consent       Consent
	Retention     Retention
	ReplyTo       ReplyTo
}

// Media is one picture, sound or film that came with the text; the hub never opens it.
type Media struct{ URL, MIME, SHA256 string }

// Native is where the event lives on its channel.
type Native struct {
	// Platform and Instance name the channel: mastodon, mastodon.example.
	Platform, Instance string
	// ID is the platform's own id, Revision distinguishes edits of it.
	ID, Revision      string
	EditedAt, Deleted time.Time
}

// Thread is the conversation the event is part of, by native ids.
type Thread struct {
	Root, Parent string
	Position     int64
}

// Author is an account on a channel. ID is stable for the account; several accounts may be one person.
type Author struct {
	ID, Platform, Handle, Display string
	Verified, BotLikely           bool
}

// Community is a group the event was said in.
type Community struct{ ID, Type string }

// Rating is a score on the scale from Worst to Best.
type Rating struct{ Value, Best, Worst float64 }

// Engagement counts reactions as seen at At.
type Engagement struct {
	Likes, Shares, Replies, Reach int64
	At                            time.Time
}

// Consent is the basis on which the data may be used (GDPR Art. 6), and its scope.
type Consent struct{ Basis, Scope string }

// Retention is how long the channel allows the data to be kept.
type Retention struct {
	DeleteAfter  time.Time
	SourcePolicy string
}

// ReplyTo carries the channel's own limits for an answer at the time of reading.
type ReplyTo struct {
	Capability      string
	WindowUntil     time.Time
	MustBeMentioned bool
	MaxLen          int64
}
