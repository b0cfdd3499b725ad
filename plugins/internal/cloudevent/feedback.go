package cloudevent

import (
	"encoding/json"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

type feedback struct {
	Kind        string          `json:"kind,omitempty"`
	Content     content         `json:"content"`
	Native      native          `json:"native,omitzero"`
	Thread      thread          `json:"thread,omitzero"`
	Author      author          `json:"author,omitzero"`
	Addressee   string          `json:"addressee,omitempty"`
	Communities []community     `json:"communities,omitempty"`
	Rating      *rating         `json:"rating,omitempty"`
	Engagement  *engagement     `json:"engagement,omitempty"`
	Place       string          `json:"place,omitempty"`
	Device      string          `json:"device,omitempty"`
	Visibility  string          `json:"visibility,omitempty"`
	Consent     consent         `json:"consent,omitzero"`
	Retention   retention       `json:"retention,omitzero"`
	ReplyTo     replyTo         `json:"reply_to,omitzero"`
	Data        json.RawMessage `json:"data,omitempty"`
	Annotations annotations     `json:"annotations,omitempty"`
}

type content struct {
	Text     string  `json:"text"`
	Title    string  `json:"title,omitempty"`
	HTML     string  `json:"html,omitempty"`
	Lang     string  `json:"lang,omitempty"`
	LangConf float64 `json:"lang_conf,omitempty"`
	Media    []media `json:"media,omitempty"`
	URL      string  `json:"url,omitempty"`
}

type media struct {
	URL    string `json:"url,omitempty"`
	MIME   string `json:"mime,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

type native struct {
	Platform  string    `json:"platform,omitempty"`
	Instance  string    `json:"instance,omitempty"`
	ID        string    `json:"id,omitempty"`
	Revision  string    `json:"revision,omitempty"`
	EditedAt  time.Time `json:"edited_at,omitzero"`
	DeletedAt time.Time `json:"deleted_at,omitzero"`
}

type thread struct {
	RootID   string `json:"root_id,omitempty"`
	ParentID string `json:"parent_id,omitempty"`
	Position int64  `json:"position,omitempty"`
}

type author struct {
	IdentityID string `json:"identity_id,omitempty"`
	Platform   string `json:"platform,omitempty"`
	Handle     string `json:"handle,omitempty"`
	Display    string `json:"display,omitempty"`
	Verified   bool   `json:"verified,omitempty"`
	BotLikely  bool   `json:"bot_likely,omitempty"`
}

type community struct {
	ID   string `json:"id"`
	Type string `json:"type,omitempty"`
}

type rating struct {
	Value float64 `json:"value"`
	Best  float64 `json:"best"`
	Worst float64 `json:"worst"`
}

type engagement struct {
	Likes   int64     `json:"likes"`
	Shares  int64     `json:"shares"`
	Replies int64     `json:"replies"`
	Reach   int64     `json:"reach"`
	At      time.Time `json:"at,omitzero"`
}

type consent struct {
	Basis string `json:"basis,omitempty"`
	Scope string `json:"scope,omitempty"`
}

type retention struct {
	DeleteAfter  time.Time `json:"delete_after,omitzero"`
	SourcePolicy string    `json:"source_policy,omitempty"`
}

type replyTo struct {
	Capability      string    `json:"capability,omitempty"`
	WindowUntil     time.Time `json:"window_until,omitzero"`
	MustBeMentioned bool      `json:"must_be_mentioned,omitempty"`
	MaxLen          int64     `json:"max_len,omitempty"`
}

func feedbackData(f *sdk.Feedback) *feedback {
	out := &feedback{
		Kind: f.Kind, Addressee: f.Addressee, Place: f.Place, Device: f.Device, Visibility: f.Visibility,
		Content: content{Text: f.Text, Title: f.Title, HTML: f.HTML, Lang: f.Lang, LangConf: f.LangConfidence, URL: f.URL},
		Native: native{
			Platform: f.Native.Platform, Instance: f.Native.Instance, ID: f.Native.ID, Revision: f.Native.Revision,
			EditedAt: f.Native.EditedAt.UTC(), DeletedAt: f.Native.Deleted.UTC(),
		},
		Thread: thread{RootID: f.Thread.Root, ParentID: f.Thread.Parent, Position: f.Thread.Position},
		Author: author{
			IdentityID: f.Author.ID, Platform: f.Author.Platform, Handle: f.Author.Handle, Display: f.Author.Display,
			Verified: f.Author.Verified, BotLikely: f.Author.BotLikely,
		},
		Rating:    (*rating)(f.Rating),
		Consent:   consent(f.Consent),
		Retention: retention{DeleteAfter: f.Retention.DeleteAfter.UTC(), SourcePolicy: f.Retention.SourcePolicy},
		ReplyTo: replyTo{
			Capability: f.ReplyTo.Capability, WindowUntil: f.ReplyTo.WindowUntil.UTC(),
			MustBeMentioned: f.ReplyTo.MustBeMentioned, MaxLen: f.ReplyTo.MaxLen,
		},
	}
	for _, m := range f.Media {
		out.Content.Media = append(out.Content.Media, media(m))
	}
	for _, c := range f.Communities {
		out.Communities = append(out.Communities, community(c))
	}
	if e := f.Engagement; e != nil {
		out.Engagement = &engagement{Likes: e.Likes, Shares: e.Shares, Replies: e.Replies, Reach: e.Reach, At: e.At.UTC()}
	}
	return out
}
