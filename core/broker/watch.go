package broker

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// watch looks whether what is stored is still there, with a handful of requests: the counts, the last message of each noted
// subject, and that the files are as large as what they hold. Damage goes to Status and the log. What has changed without
// getting shorter is found by who reads it, and by Fsck.
func (b *Broker) watch(ctx context.Context) error {
	for _, s := range Streams() {
		r, info, err := b.compare(ctx, s)
		if err != nil {
			return err
		}
		found, err := b.checkCounts(ctx, s, r, info)
		b.report(found...)
		if err != nil {
			return err
		}
		found, err = b.checkLasts(ctx, s, r, info.State)
		b.report(found...)
		if err != nil {
			return err
		}
		if err := errors.Join(b.watchFiles(ctx, s, info.State.Bytes), b.watchSpare(s)); err != nil {
			return err
		}
	}
	return nil
}

// watchFiles reports a stream whose files have become shorter than what they hold. The server may not have noticed: it keeps
// the newest messages in memory.
func (b *Broker) watchFiles(ctx context.Context, s Stream, before uint64) error {
	if b.cfg.URL != "" {
		return nil
	}
	size := b.sizeOf(s)
	info, err := b.info(ctx, s)
	if err != nil {
		return err
	}
	if have := min(before, info.State.Bytes); size >= have || have == 0 { // less now: trimmed meanwhile
		return nil
	}
	found, err := b.fsck(ctx, s)
	if len(found) == 0 && err == nil {
		d := newDamage(s, info.State.FirstSeq, info.State.LastSeq, "files of the stream were removed or shortened under the running hub; "+
			"some of them can be read until it stops")
		found = append(found, d)
	}
	b.report(found...)
	return err
}

// sizeOf returns the bytes of a stream's blocks.
func (b *Broker) sizeOf(s Stream) (size uint64) {
	dir := filepath.Join(b.cfg.Dir, "jetstream", "$G", "streams", string(s), "msgs")
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".blk") {
			return nil // removed while we look, or not a block
		}
		if info, err := e.Info(); err == nil {
			size += uint64(info.Size())
		}
		return nil
	})
	return size
}
