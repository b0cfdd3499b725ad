package sdk

// decodeEvent fills e from its encoding. Unknown fields are passed over: a newer plugin may send them.
func decodeEvent(b []byte, e *Event) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case evType:
			e.Type = f.str()
		case evSubject:
			e.Subject = f.str()
		case evTime:
			e.Time = unixNano(f.n)
		case evSchema:
			e.Schema = f.str()
		case evCorrelation:
			e.Correlation = f.str()
		case evCausation:
			e.Causation = f.str()
		case evTraceParent:
			e.TraceParent = f.str()
		case evTraceState:
			e.TraceState = f.str()
		case evTenant:
			e.Tenant = f.str()
		case evData:
			e.Data = f.b
		case evFeedback:
			e.Feedback = new(Feedback)
			return e.Feedback.decode(f.b)
		case evInsight:
			e.Insight = new(Insight)
			return e.Insight.decode(f.b)
		}
		return nil
	})
}

func (fb *Feedback) decode(b []byte) error {
	return eachField(b, func(f field) error {
		if p := fb.text(f.num); p != nil {
			*p = f.str()
			return nil
		}
		return fb.decodePart(f)
	})
}

// text returns where the plain string field num is kept, or nil.
func (fb *Feedback) text(num uint64) *string {
	switch num {
	case fbKind:
		return &fb.Kind
	case fbText:
		return &fb.Text
	case fbTitle:
		return &fb.Title
	case fbHTML:
		return &fb.HTML
	case fbLang:
		return &fb.Lang
	case fbURL:
		return &fb.URL
	case fbAddressee:
		return &fb.Addressee
	case fbVisibility:
		return &fb.Visibility
	case fbPlace:
		return &fb.Place
	case fbDevice:
		return &fb.Device
	}
	return nil
}

func (fb *Feedback) decodePart(f field) error {
	switch f.num {
	case fbLangConf:
		fb.LangConfidence = f.double()
	case fbMedia:
		fb.Media = append(fb.Media, Media{})
		m := &fb.Media[len(fb.Media)-1]
		return decodeStrings(f.b, &m.URL, &m.MIME, &m.SHA256)
	case fbNative:
		return fb.Native.decode(f.b)
	case fbThread:
		return fb.Thread.decode(f.b)
	case fbAuthor:
		return fb.Author.decode(f.b)
	case fbCommunities:
		fb.Communities = append(fb.Communities, Community{})
		c := &fb.Communities[len(fb.Communities)-1]
		return decodeStrings(f.b, &c.ID, &c.Type)
	case fbRating:
		fb.Rating = new(Rating)
		return fb.Rating.decode(f.b)
	case fbEngagement:
		fb.Engagement = new(Engagement)
		return fb.Engagement.decode(f.b)
	case fbConsent:
		return decodeStrings(f.b, &fb.Consent.Basis, &fb.Consent.Scope)
	case fbRetention:
		return fb.Retention.decode(f.b)
	case fbReplyTo:
		return fb.ReplyTo.decode(f.b)
	}
	return nil
}

// decodeStrings reads string fields numbered from 1 into dst.
func decodeStrings(b []byte, dst ...*string) error {
	return eachField(b, func(f field) error {
		if f.num <= uint64(len(dst)) && f.wire == wireBytes {
			*dst[f.num-1] = f.str()
		}
		return nil
	})
}

func (n *Native) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			n.Platform = f.str()
		case 2:
			n.Instance = f.str()
		case 3:
			n.ID = f.str()
		case 4:
			n.Revision = f.str()
		case 5:
			n.EditedAt = unixNano(f.n)
		case 6:
			n.Deleted = unixNano(f.n)
		}
		return nil
	})
}

func (t *Thread) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			t.Root = f.str()
		case 2:
			t.Parent = f.str()
		case 3:
			t.Position = int64(f.n)
		}
		return nil
	})
}

func (a *Author) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			a.ID = f.str()
		case 2:
			a.Platform = f.str()
		case 3:
			a.Handle = f.str()
		case 4:
			a.Display = f.str()
		case 5:
			a.Verified = f.n != 0
		case 6:
			a.BotLikely = f.n != 0
		}
		return nil
	})
}

func (r *Rating) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			r.Value = f.double()
		case 2:
			r.Best = f.double()
		case 3:
			r.Worst = f.double()
		}
		return nil
	})
}

func (e *Engagement) decode(b []byte) error {
	counts := []*int64{&e.Likes, &e.Shares, &e.Replies, &e.Reach}
	return eachField(b, func(f field) error {
		switch {
		case f.num <= 4:
			*counts[f.num-1] = int64(f.n)
		case f.num == 5:
			e.At = unixNano(f.n)
		}
		return nil
	})
}

func (r *Retention) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			r.DeleteAfter = unixNano(f.n)
		case 2:
			r.SourcePolicy = f.str()
		}
		return nil
	})
}

func (r *ReplyTo) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			r.Capability = f.str()
		case 2:
			r.WindowUntil = unixNano(f.n)
		case 3:
			r.MustBeMentioned = f.n != 0
		case 4:
			r.MaxLen = int64(f.n)
		}
		return nil
	})
}
