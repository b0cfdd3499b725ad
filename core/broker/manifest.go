package broker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// manifest is what we know of the streams without asking the server. It is kept outside of the streams, because a
// server that lost a stream, or its end, says nothing.
type manifest struct {
	Streams map[Stream]record `json:"streams"`
}

// record is a lower bound of what a stream held.
type record struct {
	Created time.Time `json:"created"` // of the stream; another one means another stream of the same name
	Last    uint64    `json:"last"`    // newest sequence seen
	Trimmed uint64    `json:"trimmed"` // Trim may have removed everything below; written before it does
	// Deleted are the messages that Delete may have removed, written before it does. It is kept since Tracked is set.
	Deleted spans `json:"deleted,omitempty"`
	Tracked bool  `json:"tracked,omitempty"`
	// Subjects are the last messages of subjects; see noted.
	Subjects map[string]tail `json:"subjects,omitempty"`
	// Purged tells below which sequence TrimSubjects may have removed everything of a subject; written before it does.
	Purged map[string]uint64 `json:"purged,omitempty"`
	// Holes is how many messages at or above Trimmed may be missing because of Purged. In an update nil means no news.
	Holes *uint64 `json:"holes,omitempty"`
}

// merge takes the later of two records of one stream.
func (r record) merge(o record) record {
	m := record{Created: o.Created, Last: max(r.Last, o.Last), Trimmed: max(r.Trimmed, o.Trimmed), Tracked: r.Tracked || o.Tracked,
		Subjects: maps.Clone(r.Subjects), Holes: cmp.Or(o.Holes, r.Holes)}
	for subject, p := range o.Subjects {
		if m.Subjects == nil {
			m.Subjects = map[string]tail{}
		}
		m.Subjects[subject] = m.Subjects[subject].later(p)
	}
	for _, x := range r.Deleted.union(o.Deleted) {
		if x.From <= max(m.Trimmed, 1) { // nothing is left before it
			m.Trimmed = max(m.Trimmed, x.To+1)
			continue
		}
		m.Deleted = append(m.Deleted, x)
	}
	m.purge(r.Purged)
	m.purge(o.Purged)
	return m
}

// purge notes floors of subjects that lie above that of the stream.
func (r *record) purge(floors map[string]uint64) {
	for subject, below := range floors {
		if below <= max(r.Trimmed, r.Purged[subject]) {
			continue
		}
		if r.Purged == nil {
			r.Purged = map[string]uint64{}
		}
		r.Purged[subject] = below
	}
}

func (r record) holes() uint64 {
	if r.Holes == nil {
		return 0
	}
	return *r.Holes
}

// missing counts the messages from where Trim left off that a stream does not have.
func (r record) missing(have jetstream.StreamState) uint64 {
	if have.LastSeq == 0 {
		return 0
	}
	return have.LastSeq + 1 - min(firstOf(have), max(r.Trimmed, 1)) - have.Msgs
}

// firstOf is the sequence of the oldest message, or of the next one where there is none.
func firstOf(have jetstream.StreamState) uint64 {
	if have.Msgs == 0 {
		return have.LastSeq + 1
	}
	return have.FirstSeq
}

// ledger keeps a manifest: a file beside the embedded store, or a key on the external cluster.
type ledger interface {
	load(ctx context.Context) (manifest, error) // an empty manifest when there is none yet
	save(ctx context.Context, m manifest) error // whole or not at all, on disk on return
}

const manifestName = "manifest.json"

// fileLedger keeps the manifest in the data directory.
type fileLedger struct{ dir string }

func (l fileLedger) load(context.Context) (manifest, error) {
	text, err := os.ReadFile(filepath.Join(l.dir, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return manifest{}, nil
	}
	if err != nil {
		return manifest{}, err
	}
	return decodeManifest(text)
}

func (l fileLedger) save(_ context.Context, m manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(l.dir, manifestName)
	if err := writeSynced(path+".new", text); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(l.dir)
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func decodeManifest(text []byte) (manifest, error) {
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: the manifest cannot be read; restore it from a backup, or remove it when the streams "+
			"are known to be whole: %w", ErrDamaged, err)
	}
	return m, nil
}
