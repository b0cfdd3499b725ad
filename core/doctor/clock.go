package doctor

import (
	"fmt"
	"os"
	"time"
)

// What of a clock is suspicious.
const (
	oldestYear  = 2025
	newestYear  = 2100
	behindLog   = time.Minute            // the log was written to in the future
	clockJumped = 500 * time.Millisecond // while we looked
)

// clock compares the wall clock with what cannot be later than it, and with the monotonic one since the examination began.
func (x *examiner) clock(began time.Time) {
	now := time.Now()
	why := "times of events, windows of analyzers and the age of dead letters are taken from it"
	mend := "set it, and keep it right: timedatectl set-ntp true"
	drift := now.Round(0).Sub(began.Round(0)) - now.Sub(began)
	newest := written(x.Settings.DataDir)
	switch {
	case now.Year() < oldestYear || now.Year() >= newestYear:
		x.fail(Finding{Check: "clock", Seen: "it is " + now.UTC().Format(time.DateTime) + " UTC", Why: why, Mend: mend})
	case newest.After(now.Add(behindLog)):
		x.fail(Finding{Check: "clock", Seen: fmt.Sprintf("it is %s UTC, %s before the log was written to last", now.UTC().Format(time.DateTime),
			newest.Sub(now).Round(time.Second)), Why: "it was set back, or was ahead before: " + why, Mend: mend})
	case built().After(now.Add(24 * time.Hour)):
		x.fail(Finding{Check: "clock", Seen: "it is " + now.UTC().Format(time.DateTime) + " UTC, before this program was installed", Why: why, Mend: mend})
	case drift.Abs() > clockJumped:
		x.warn(Finding{Check: "clock", Seen: fmt.Sprintf("it was moved by %s while it was looked at", drift.Round(time.Millisecond)), Why: why,
			Mend: "let one program keep it and nothing else: timedatectl status"})
	case kernelSynced() == unsynced:
		x.warn(Finding{Check: "clock", Seen: now.UTC().Format(time.DateTime) + " UTC; no time server keeps it right", Why: why, Mend: "timedatectl set-ntp true, or run chrony"})
	default:
		x.ok("clock", now.UTC().Format(time.DateTime)+" UTC"+kernelSynced().words())
	}
}

// built is when this program was installed, zero when unknown.
func built() time.Time {
	self, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(self)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// synced is what the kernel knows of the clock.
type synced int

const (
	unknownSync synced = iota
	keptRight
	unsynced
)

func (s synced) words() string {
	if s == keptRight {
		return ", kept right by a time server"
	}
	return ""
}
