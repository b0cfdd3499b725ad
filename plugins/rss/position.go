package rss

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	// maxItems is how many entries a feed may have: as many as a position can remember.
	maxItems = 7000
	// keepItems is how many entries are remembered at least, also when the feed no longer shows them: a feed that flickers is
	// not read anew.
	keepItems = 2000
	// maxValidator is the longest ETag or Last-Modified that is kept.
	maxValidator = 512
)

// state is the position of the source: what is known of the feed.
type state struct {
	Version int `json:"v"`
	// URL is the address of the configuration for which Moved (where it lives now) and the validators hold.
	URL      string `json:"url,omitempty"`
	Moved    string `json:"moved,omitempty"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Body is a hash of the whole feed. Empty while not all of it is stored.
	Body string `json:"body,omitempty"`
	// Seen holds a digest of each entry that is stored, newest first.
	Seen digests `json:"seen,omitempty"`

	read bool // the feed was read at that address before this run
}

// digest is a short hash of an entry's identity and revision. Of 7000 entries one in some 10^10 feeds has two with the same.
type digest [6]byte

// digests is a list of digests; JSON shows it as base64.
type digests []digest

// MarshalJSON writes the digests one behind the other.
func (d digests) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, len(d)*len(digest{}))
	for i := range d {
		b = append(b, d[i][:]...)
	}
	return json.Marshal(b)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *digests) UnmarshalJSON(text []byte) error {
	var b []byte
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	const size = len(digest{})
	*d = make(digests, len(b)/size)
	for i := range *d {
		copy((*d)[i][:], b[i*size:])
	}
	return nil
}

func digestOf(guid, revision string) digest {
	var d digest
	sum := sha256.Sum256([]byte(guid + "\x00" + revision))
	copy(d[:], sum[:])
	return d
}

// parsePosition reads a position. When the address of the configuration is another now, only what was seen still holds.
func parsePosition(from sdk.Position, url string) (*state, error) {
	st := &state{Version: 1, URL: url}
	if len(from) == 0 {
		return st, nil
	}
	var old state
	if err := json.Unmarshal(from, &old); err != nil || old.Version != 1 {
		return nil, sdk.Errorf(sdk.Invalid, "the position was not written by this version of source \"rss\"")
	}
	if old.URL == url {
		old.read = true
		return &old, nil
	}
	st.Seen = old.Seen
	return st, nil
}

// position encodes the state. It fits: digests, addresses and validators are bounded.
func (st *state) position() sdk.Position {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // six bytes for each & of an address would break the bound
	_ = e.Encode(st)       // texts and bytes always marshal
	return bytes.TrimSpace(b.Bytes())
}

// changed notes the hash of the feed and reports whether it is another than before.
func (st *state) changed(body []byte) bool {
	sum := sha256.Sum256(body)
	old := st.Body
	st.Body = hex.EncodeToString(sum[:12])
	return st.Body != old
}

// remember returns now followed by those of before that are not in it, keep in all.
func remember(now, before digests, keep int) digests {
	in := make(map[digest]bool, len(now))
	for _, d := range now {
		in[d] = true
	}
	kept := now
	for _, d := range before {
		if len(kept) >= keep {
			break
		}
		if !in[d] {
			kept = append(kept, d)
		}
	}
	return kept
}
