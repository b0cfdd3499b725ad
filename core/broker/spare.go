package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A stream whose description is damaged (meta.inf, some hundred bytes) is gone for the server, with all its messages, although
// those are well. So both files of it are kept a second time, in the folder spare of the data directory.

// described are the files that describe a stream.
func described() []string { return []string{"meta.inf", "meta.sum"} }

func (b *Broker) streamDir(s Stream) string {
	return filepath.Join(b.cfg.Dir, "jetstream", "$G", "streams", string(s))
}

func (b *Broker) spareOf(s Stream, name string) string {
	return filepath.Join(b.cfg.Dir, "spare", string(s)+"."+name)
}

// keepSpares copies the descriptions of all streams. A copy that cannot be made is no harm yet.
func (b *Broker) keepSpares() {
	if b.cfg.URL != "" {
		return
	}
	for _, s := range Streams() {
		if err := b.keepSpare(s); err != nil {
			b.cfg.Logger.Debug("no second copy of a stream's description", "stream", s, "error", err)
		}
	}
}

func (b *Broker) keepSpare(s Stream) error {
	for _, name := range described() {
		text, err := os.ReadFile(filepath.Join(b.streamDir(s), name))
		if err != nil {
			return err
		}
		if err := replaceFile(b.spareOf(s, name), text); err != nil {
			return err
		}
	}
	return nil
}

// replaceFile makes the file hold text, whole or not at all.
func replaceFile(path string, text []byte) error {
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := writeSynced(path+".new", text); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// mend puts back the descriptions of streams that the server does not know although their messages are there, and starts it
// again. It reports whether there was anything to mend.
func (b *Broker) mend(ctx context.Context, missing []Stream) (bool, error) {
	if b.cfg.URL != "" || b.cfg.Inspect {
		return false, nil
	}
	done := false
	for _, s := range missing {
		if err := b.useSpare(s); err != nil {
			continue // none is kept, or there is nothing to describe: the error of a lost stream says more
		}
		done = true
		b.cfg.Logger.Warn("the description of a stream was damaged and is put back; its messages are checked now", "stream", s)
	}
	if !done {
		return false, nil
	}
	b.stopEmbedded()
	if err := b.startServer(); err != nil {
		return false, err
	}
	return true, b.reachable(ctx)
}

// useSpare writes the second copy over the first one.
func (b *Broker) useSpare(s Stream) error {
	if blocks, err := filepath.Glob(filepath.Join(b.streamDir(s), "msgs", "*.blk")); err != nil || len(blocks) == 0 {
		return errors.New("no messages")
	}
	for _, name := range described() {
		text, err := os.ReadFile(b.spareOf(s, name))
		if err != nil {
			return err
		}
		if err := replaceFile(filepath.Join(b.streamDir(s), name), text); err != nil {
			return err
		}
	}
	return nil
}

// watchSpare looks whether the description of a stream is as it was kept. The server writes both of its files when it changes
// one; a single one that has changed is damaged. It is put back: a running server reads it at its next start only.
func (b *Broker) watchSpare(s Stream) error {
	if b.cfg.URL != "" {
		return nil
	}
	differ := 0
	for _, name := range described() {
		kept, err := os.ReadFile(b.spareOf(s, name))
		if err != nil {
			return nil // no second copy
		}
		if have, err := os.ReadFile(filepath.Join(b.streamDir(s), name)); err != nil || !bytes.Equal(have, kept) {
			differ++
		}
	}
	was := b.odd[s]
	b.odd[s] = differ == 1
	switch {
	case differ == len(described()):
		return ignoreGone(b.keepSpare(s))
	case differ == 0 || !was: // it may be about to write the other one
		return nil
	}
	delete(b.odd, s)
	if err := b.useSpare(s); err != nil {
		return fmt.Errorf("the description of stream %s is damaged, and a start would not find its messages: put it back: %w", s, err)
	}
	text := fmt.Sprintf("the description of stream %s was damaged on disk and is put back", s)
	b.log.keep(text)
	b.cfg.Logger.Warn(text)
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
