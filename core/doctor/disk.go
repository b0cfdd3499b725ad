package doctor

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// How the disk is measured: a small record is appended and synced again and again, as the log does it.
const (
	probeName  = ".pintle-doctor-"
	probeSyncs = 200
	probeTime  = 2 * time.Second
	probeSize  = 4 << 10
)

// What is slow. Every batch of a source waits for one sync, so a median of 10 ms lets a source store 100 batches a second.
const (
	slowMedian = 10 * time.Millisecond
	slowWorst  = 250 * time.Millisecond
)

// What is little.
const (
	littleFree   = 10 // percent
	littleInodes = 5  // percent
	fewEvents    = 64 << 20
)

// volume is a file system at one moment.
type volume struct {
	kind         string // "ext4"; "" when unknown
	note         string // why this kind is not good for a log, "" when it is
	remote       bool   // over a network
	free, total  int64  // bytes
	inodes, most int64  // free and in all; both 0 where there are none
}

// disk measures the disk that dir is on.
func (x *examiner) disk(ctx context.Context, dir string) {
	v, err := volumeOf(dir)
	if err != nil {
		x.warn(Finding{Check: "disk", Seen: "cannot be asked: " + err.Error(), Why: "a full disk stops the sources", Mend: "df " + quote(dir)})
		return
	}
	x.kind(v)
	x.space(dir, v)
	x.speed(ctx, dir)
}

func (x *examiner) kind(v volume) {
	switch {
	case v.note == "":
		x.ok("disk.kind", "the file system is "+cmpOr(v.kind, "of an unknown kind"))
	case v.remote:
		x.fail(Finding{Check: "disk.kind", Seen: "the file system is " + v.kind, Why: v.note, Mend: "put data_dir on a local disk (ext4, xfs, btrfs, zfs)"})
	default:
		x.warn(Finding{Check: "disk.kind", Seen: "the file system is " + v.kind, Why: v.note, Mend: "put data_dir on a local disk (ext4, xfs, btrfs, zfs)"})
	}
}

func cmpOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// space compares what is free with what the streams may still grow by.
func (x *examiner) space(dir string, v volume) {
	if v.total == 0 {
		return
	}
	used := 100 - v.free*100/v.total
	seen := fmt.Sprintf("%s of %s free (%d %% used)", bytes(v.free), bytes(v.total), used)
	wanted := x.growth()
	switch {
	case 100-used < littleFree:
		x.fail(Finding{Check: "disk.space", Seen: seen, Why: "the hub keeps 10 % of the disk (at most 1 GiB) free: below that, sources wait until there is room",
			Mend: "make room (du -sh " + quote(dir) + " shows the hub's own part), or move data_dir to a larger disk"})
	case wanted > v.free:
		x.warn(Finding{Check: "disk.space", Seen: fmt.Sprintf("%s, and the streams may grow by %s", seen, bytes(wanted)),
			Why:  "while a sink is down its events stay in the log, and the disk would be full before the limits are: then all that writes to this disk suffers",
			Mend: "lower the limits in pintle { limits { events = ... } } to what fits, or move data_dir to a larger disk"})
	case x.external():
		x.ok("disk.space", seen)
	default:
		x.ok("disk.space", fmt.Sprintf("%s, and the streams may grow by %s", seen, bytes(wanted)))
	}
	if l := x.Settings.Limits.EventsMax; l > 0 && int64(l) < fewEvents {
		x.warn(Finding{Check: "log.limits", Seen: "the stream of events may hold " + bytes(int64(l)),
			Why:  "a batch has up to 1 MiB, and what was delivered is removed every 10 s: sources wait although everything works",
			Mend: `set pintle { limits { events = "1GiB" } }, or leave it at its default`})
	}
	if v.most > 0 && v.inodes*100/v.most < littleInodes {
		x.fail(Finding{Check: "disk.inodes", Seen: fmt.Sprintf("%d of %d inodes free", v.inodes, v.most), Why: "without an inode no file can be made, however much space is free",
			Mend: "remove small files on this disk: df -i " + quote(dir)})
	}
}

// growth is by how much the streams may grow until their limits.
func (x *examiner) growth() int64 {
	if x.external() {
		return 0
	}
	if x.hub != nil {
		var n int64
		for _, s := range x.hub.Log.Streams {
			n += max(s.MaxBytes-int64(s.Bytes), 0)
		}
		return n
	}
	l := x.Settings.Limits
	return max(int64(l.EventsMax+l.InsightsMax+l.DeadMax)-stored(x.Settings.DataDir), 0)
}

// speed measures how long a small write takes until it is safe.
func (x *examiner) speed(ctx context.Context, dir string) {
	took, err := syncs(ctx, dir)
	if err != nil || len(took) == 0 {
		x.fail(Finding{Check: "disk.sync", Seen: fmt.Sprintf("a file cannot be written and synced: %v", err), Why: "every event is synced to disk before its channel hears of it",
			Mend: "dmesg | tail, and the health of the disk: smartctl -a"})
		return
	}
	slices.Sort(took)
	median, worst := took[len(took)/2], took[len(took)*99/100]
	seen := fmt.Sprintf("a synced write takes %s, one in a hundred %s (%d tried)", short(median), short(worst), len(took))
	if median > slowMedian || worst > slowWorst {
		why := "every batch waits for one, and now and then that is long: something else keeps this disk busy"
		if median > slowMedian {
			why = fmt.Sprintf("every batch waits for one: a source can store about %d batches a second here", max(1, int(time.Second/median)))
		}
		x.warn(Finding{Check: "disk.sync", Seen: seen, Why: why,
			Mend: "put data_dir on a faster disk (SSD, with a battery or capacitor), and nothing else that syncs on the same one; iostat -x 1 shows who does"})
		return
	}
	x.ok("disk.sync", seen)
}

// syncs writes and syncs a small file again and again.
func syncs(ctx context.Context, dir string) (took []time.Duration, err error) {
	f, err := os.CreateTemp(dir, probeName)
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, probeSize)
	for end := time.Now().Add(probeTime); len(took) < probeSyncs && time.Now().Before(end) && ctx.Err() == nil; {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return took, err
		}
		if err := f.Sync(); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// short writes a duration with two digits.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
