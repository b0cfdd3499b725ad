package sdk

func (in *Insight) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch {
		case in.text(f.num) != nil:
			*in.text(f.num) = f.str()
		case in.list(f.num) != nil:
			p := in.list(f.num)
			*p = append(*p, f.str())
		default:
			return in.decodePart(f)
		}
		return nil
	})
}

// text returns where the plain string field num is kept, or nil.
func (in *Insight) text(num uint64) *string {
	switch num {
	case inKey:
		return &in.Key
	case inAnalyzer:
		return &in.Analyzer
	case inTitle:
		return &in.Title
	case inTopic:
		return &in.Topic
	case inProduct:
		return &in.Product
	case inStage:
		return &in.Stage
	case inFunction:
		return &in.Function
	case inSupersedes:
		return &in.Supersedes
	}
	return nil
}

// list returns where the repeated string field num is kept, or nil.
func (in *Insight) list(num uint64) *[]string {
	switch num {
	case inGroup:
		return &in.Group
	case inEvidence:
		return &in.Evidence
	case inActions:
		return &in.RecommendedActions
	}
	return nil
}

func (in *Insight) decodePart(f field) error {
	switch f.num {
	case inPeople:
		in.People = int64(f.n)
	case inEvents:
		in.Events = int64(f.n)
	case inCommunities:
		in.Communities = int64(f.n)
	case inFirst:
		in.FirstTime = unixNano(f.n)
	case inLast:
		in.LastTime = unixNano(f.n)
	case inWindowStart:
		in.WindowStart = unixNano(f.n)
	case inWindowEnd:
		in.WindowEnd = unixNano(f.n)
	case inRate:
		in.Rate = f.double()
	case inSeverity:
		in.Severity = f.double()
	case inConfidence:
		in.Confidence = f.double()
	case inByChannel:
		return in.decodeChannel(f.b)
	case inWhy:
		return in.decodeReason(f.b)
	}
	return nil
}

func (in *Insight) decodeChannel(b []byte) error {
	var c Count
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			c.Name = f.str()
		case 2:
			c.N = int64(f.n)
		}
		return nil
	})
	in.ByChannel = append(in.ByChannel, c)
	return err
}

func (in *Insight) decodeReason(b []byte) error {
	var r Reason
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			r.Sentence = f.str()
		case 2:
			r.Events = append(r.Events, f.str())
		}
		return nil
	})
	in.Why = append(in.Why, r)
	return err
}
