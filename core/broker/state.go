package broker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A saved state is one head message, sn.head.<name>, that names its size, its checksum and the generation of its chunks,
// sn.part.<name>.<generation>.<index>. Small states live in the head itself. The head is stored last and replaces the one
// before in one step, so a load sees the old state or the new one.

const (
	stateHeader = "Pintle-State"
	headPrefix  = "sn.head."
	partPrefix  = "sn.part."
	chunkSize   = 4 << 20
)

type stateHead struct {
	Generation string `json:"generation"`
	Chunks     int    `json:"chunks"` // 0: the data follows the head
	Size       int    `json:"size"`
	SHA256     string `json:"sha256"`
}

// SaveState replaces the state of that name, whole or not at all: after a crash halfway LoadState returns the old one.
// name is one or more subject parts, "listening.mood.0". Two savers of one name at a time: one gets ErrFenced.
func (b *Broker) SaveState(ctx context.Context, name string, data []byte) error {
	subject := headPrefix + name
	if err := checkSubject(States, subject); err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	last, _, err := b.Last(ctx, States, subject)
	if err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	head := stateHead{Generation: rand.Text(), Size: len(data), SHA256: hex.EncodeToString(sum[:])}
	body := data
	if size := min(chunkSize, b.cfg.MaxMessage); len(data) > size {
		if head.Chunks, err = b.saveChunks(ctx, partPrefix+name+"."+head.Generation, data, size); err != nil {
			return fmt.Errorf("save state %s: %w", name, err)
		}
		body = nil
	}
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	m := Message{Stream: States, Subject: subject, Data: body, Fence: &last.Seq}
	if err := b.disk.take(States, len(body)); err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	if _, err := b.append(ctx, m, nats.Header{stateHeader: {string(text)}}); err != nil {
		return fmt.Errorf("save state %s: %w", name, err)
	}
	return b.sweepState(ctx, name, head.Generation)
}

func (b *Broker) saveChunks(ctx context.Context, subject string, data []byte, size int) (int, error) {
	n := 0
	for ; len(data) > 0; n++ {
		part := data[:min(size, len(data))]
		data = data[len(part):]
		m := Message{Stream: States, Subject: fmt.Sprintf("%s.%d", subject, n), Data: part}
		if _, err := b.Append(ctx, m); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// sweepState removes chunks of all generations but keep: those of the state before, and those a crash left behind.
func (b *Broker) sweepState(ctx context.Context, name, keep string) error {
	prefix := partPrefix + name + "."
	info, err := b.info(ctx, States, jetstream.WithSubjectFilter(prefix+"*.*"))
	if err != nil {
		return fmt.Errorf("sweep state %s: %w", name, err)
	}
	old := map[string]bool{}
	for subject := range info.State.Subjects {
		generation, _, _ := strings.Cut(strings.TrimPrefix(subject, prefix), ".")
		old[generation] = generation != keep
	}
	for generation, remove := range old {
		if !remove {
			continue
		}
		if err := b.purge(ctx, States, jetstream.WithPurgeSubject(prefix+generation+".*")); err != nil {
			return fmt.Errorf("sweep state %s: %w", name, err)
		}
	}
	return nil
}

// LoadState returns the state saved last, false when there is none. ErrDamaged when it is not what was saved.
func (b *Broker) LoadState(ctx context.Context, name string) ([]byte, bool, error) {
	m, err := b.last(ctx, States, headPrefix+name)
	if errors.Is(err, ErrGone) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("load state %s: %w", name, err)
	}
	data, err := b.stateOf(ctx, name, m)
	if err != nil {
		return nil, false, fmt.Errorf("load state %s: %w", name, err)
	}
	return data, true, nil
}

func (b *Broker) stateOf(ctx context.Context, name string, m *jetstream.RawStreamMsg) ([]byte, error) {
	var head stateHead
	if err := json.Unmarshal([]byte(m.Header.Get(stateHeader)), &head); err != nil {
		return nil, fmt.Errorf("%w: its head cannot be read: %w", ErrDamaged, err)
	}
	data := m.Data
	for i := range head.Chunks {
		e, ok, err := b.Last(ctx, States, fmt.Sprintf("%s%s.%s.%d", partPrefix, name, head.Generation, i))
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("%w: part %d of %d is missing", ErrDamaged, i+1, head.Chunks)
		}
		data = append(data, e.Data...)
	}
	if sum := sha256.Sum256(data); len(data) != head.Size || hex.EncodeToString(sum[:]) != head.SHA256 {
		return nil, fmt.Errorf("%w: checksum differs", ErrDamaged)
	}
	return data, nil
}

// DeleteState forgets the state of that name. None there is no error.
func (b *Broker) DeleteState(ctx context.Context, name string) error {
	last, ok, err := b.Last(ctx, States, headPrefix+name)
	if err != nil {
		return fmt.Errorf("delete state %s: %w", name, err)
	}
	if ok { // the manifest first: a state that is missing without being noted there is damage
		b.lasts.saw(States, headPrefix+name, tail{Seq: last.Seq, Gone: true})
		if err := b.note(ctx, map[Stream]record{States: b.known().Streams[States]}); err != nil {
			return fmt.Errorf("delete state %s: %w", name, err)
		}
	}
	if err := b.purge(ctx, States, jetstream.WithPurgeSubject(headPrefix+name)); err != nil {
		return fmt.Errorf("delete state %s: %w", name, err)
	}
	return b.sweepState(ctx, name, "")
}
