package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pintle-hub/pintle/core/broker"
)

// mostFiles bounds how many files are looked at.
const mostFiles = 20_000

// folder looks at the data folder and returns a folder by which its disk can be measured, "" when there is none.
func (x *examiner) folder() string {
	dir := x.Settings.DataDir
	if dir == "" {
		return "" // the configuration does not tell
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return x.newFolder(dir)
	case err != nil:
		x.fail(Finding{Check: "data", Seen: err.Error(), Why: "everything that the hub keeps is in there", Mend: "let the user who runs the hub enter it, or set another data_dir"})
		return ""
	case !info.IsDir():
		x.fail(Finding{Check: "data", Seen: dir + " is a file", Why: "everything that the hub keeps goes into a folder", Mend: "set another data_dir, or move the file away"})
		return ""
	}
	if owner, ours := owned(info); !ours {
		x.fail(Finding{Check: "data.owner", Seen: fmt.Sprintf("%s belongs to %s, and this is %s", dir, owner, me()),
			Why:  "a hub must read, write and lock all that is in it; as another user it fails, or leaves files that its owner cannot read",
			Mend: "run as that user (sudo -u " + quote(bare(owner)) + " pintle ...), or hand it over: chown -R " + bare(me()) + " " + quote(dir)})
		return ""
	}
	x.access(dir, info)
	x.leftovers(dir)
	if !x.writable(dir) {
		return ""
	}
	return dir
}

// newFolder says whether the data folder can be made: the nearest folder that is there must let us.
func (x *examiner) newFolder(dir string) string {
	parent := filepath.Dir(dir)
	for {
		if _, err := os.Stat(parent); err == nil || parent == filepath.Dir(parent) {
			break
		}
		parent = filepath.Dir(parent)
	}
	probe, err := os.MkdirTemp(parent, ".pintle-doctor-")
	if err != nil {
		x.fail(Finding{Check: "data", Seen: dir + " is not there and cannot be made: " + err.Error(), Why: "everything that the hub keeps goes into it",
			Mend: "mkdir -p " + quote(dir) + " && chown " + bare(me()) + " " + quote(dir) + " as root, or set another data_dir"})
		return ""
	}
	_ = os.Remove(probe)
	x.ok("data", dir+" is not there yet and will be made")
	return parent
}

// access looks at who else may read customers' words.
func (x *examiner) access(dir string, info fs.FileInfo) {
	if open := openTo(info); open != "" {
		x.warn(Finding{Check: "data.mode", Seen: fmt.Sprintf("%s has mode %04o: %s may enter it", dir, info.Mode().Perm(), open),
			Why: "it holds what customers wrote", Mend: "chmod 700 " + quote(dir)})
		return
	}
	x.ok("data.mode", fmt.Sprintf("%s is ours alone (mode %04o)", dir, info.Mode().Perm()))
}

// leftovers looks for what crashes and other users left behind.
func (x *examiner) leftovers(dir string) {
	var foreign, rest []string
	seen := 0
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if seen++; seen > mostFiles {
			return fs.SkipAll
		}
		if err != nil {
			return nil // it went away meanwhile, or is not ours: its folder tells
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if _, ours := owned(info); !ours {
			foreign = append(foreign, relative(dir, path))
		}
		if strings.HasPrefix(d.Name(), probeName) && x.hub == nil {
			rest = append(rest, relative(dir, path))
		}
		return nil
	})
	if len(foreign) > 0 {
		x.fail(Finding{Check: "data.files", Seen: fmt.Sprintf("%s in it of another user, such as %s", count(len(foreign), "file"), foreign[0]),
			Why: "the hub cannot open them; it was probably run as another user once (sudo?)", Mend: "chown -R " + bare(me()) + " " + quote(dir)})
		return
	}
	for _, name := range rest {
		_ = os.Remove(filepath.Join(dir, name)) // our own, of an examination that was killed
	}
	x.ok("data.files", fmt.Sprintf("%d files and folders in it, all ours", min(seen, mostFiles)))
}

func relative(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil {
		return rel
	}
	return path
}

// writable says whether files can be made.
func (x *examiner) writable(dir string) bool {
	f, err := os.CreateTemp(dir, probeName)
	if err != nil {
		x.fail(Finding{Check: "data.write", Seen: err.Error(), Why: "nothing could be accepted: an event is on disk before its channel hears of it",
			Mend: "mount -o remount,rw if the file system is read-only (dmesg may tell why), or chmod u+w " + quote(dir)})
		return false
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	return true
}

// lock says who has the data folder. Called while no hub answers.
func (x *examiner) lock() {
	pid, held, err := broker.Holder(x.Settings.DataDir)
	switch {
	case err != nil:
		x.fail(Finding{Check: "hub", Seen: err.Error(), Why: "it cannot be told whether a hub runs", Mend: "run as the user who runs the hub"})
	case held:
		x.fail(Finding{Check: "hub", Seen: "process " + pid + " holds " + x.Settings.DataDir + " and does not answer at " + x.Socket,
			Why:  "no other hub can start there, and this one cannot be asked; it may be starting, stopping, stuck, or a pintle dlq or fsck at work",
			Mend: "see who it is: fuser -v " + quote(filepath.Join(x.Settings.DataDir, "pintle.lock")) + "; if it stays so for a minute, end it by kill"})
	default:
		x.ok("hub", "none runs")
	}
}

// quote writes a path for a shell.
func quote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\n'\"$`\\*?[]{}()<>|&;#!~") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
