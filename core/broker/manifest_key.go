package broker

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// keyLedger keeps the manifest in a key-value bucket, where several hubs may write it.
type keyLedger struct{ kv jetstream.KeyValue }

const (
	bucketName  = "PINTLE"
	manifestKey = "manifest"
	saveTries   = 5
)

func (b *Broker) openKeyLedger(ctx context.Context) (keyLedger, error) {
	kv, err := b.js.KeyValue(ctx, bucketName)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: bucketName, Description: "Pintle: what is known of its streams", Storage: jetstream.FileStorage,
			Replicas: max(b.cfg.Replicas, 1), MaxBytes: 1 << 20,
		})
	}
	return keyLedger{kv: kv}, err
}

func (l keyLedger) load(ctx context.Context) (manifest, error) {
	m, _, err := l.entry(ctx)
	return m, err
}

func (l keyLedger) entry(ctx context.Context) (manifest, uint64, error) {
	e, err := l.kv.Get(ctx, manifestKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return manifest{}, 0, nil
	}
	if err != nil {
		return manifest{}, 0, err
	}
	m, err := decodeManifest(e.Value())
	return m, e.Revision(), err
}

// save merges with what another hub wrote in between.
func (l keyLedger) save(ctx context.Context, m manifest) error {
	var err error
	for range saveTries {
		var found manifest
		var revision uint64
		if found, revision, err = l.entry(ctx); err != nil {
			return err
		}
		for name, r := range m.Streams {
			if found.Streams == nil {
				found.Streams = map[Stream]record{}
			}
			found.Streams[name] = found.Streams[name].merge(r)
		}
		text, jsonErr := json.Marshal(found)
		if jsonErr != nil {
			return jsonErr
		}
		if _, err = l.kv.Update(ctx, manifestKey, text, revision); err == nil {
			return nil
		}
	}
	return err
}
