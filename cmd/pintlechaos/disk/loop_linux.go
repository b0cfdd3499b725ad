package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Options say what file system New makes. The zero value of each field is the default.
type Options struct {
	// Image is the file that holds the file system and Dir where it is mounted; both are made, and removed by Close.
	Image, Dir string
	// MiB is its size; 0 means 64.
	MiB int
	// Inodes is how many files it can hold; 0 means what mkfs thinks fit.
	Inodes int
}

// Loop is a mounted ext4 file system in a file.
type Loop struct {
	// Dir is where it is mounted.
	Dir string

	image  string
	keeper *exec.Cmd // cleans up when this process dies
	life   io.Closer // the keeper's standard input
}

// shutdown is EXT4_IOC_SHUTDOWN, and dropUnsynced its flag that writes nothing more, not even the journal.
const (
	shutdown     = 0x8004587d
	dropUnsynced = 2
)

// keep waits for the end of its standard input, which comes with the end of the process that started it, and cleans up.
const keep = `cat >/dev/null; umount -l "$0" 2>/dev/null; rm -f "$1"`

// New makes a file system and mounts it.
func New(ctx context.Context, o Options) (*Loop, error) {
	l := &Loop{Dir: o.Dir, image: o.Image}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if err := l.format(ctx, o); err != nil {
		return nil, errors.Join(err, os.Remove(o.Image))
	}
	if err := l.startKeeper(); err != nil {
		return nil, err
	}
	if err := l.Mount(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Loop) format(ctx context.Context, o Options) error {
	f, err := os.OpenFile(o.Image, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	size := int64(o.MiB) << 20
	if size == 0 {
		size = 64 << 20
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		return err
	}
	args := []string{"-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0"}
	if o.Inodes > 0 {
		args = append(args, "-N", strconv.Itoa(o.Inodes))
	}
	return command(ctx, "mkfs.ext4", append(args, o.Image)...)
}

func (l *Loop) startKeeper() error {
	l.keeper = exec.Command("sh", "-c", keep, l.Dir, l.image)
	l.keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a signal to our group does not reach it
	life, err := l.keeper.StdinPipe()
	if err != nil {
		return err
	}
	l.life = life
	return l.keeper.Start()
}

// Mount mounts it again after Unmount or Cut: the journal is replayed, as at the next start of a machine.
func (l *Loop) Mount(ctx context.Context) error {
	return command(ctx, "mount", "-o", "loop,nodev,nosuid", l.image, l.Dir)
}

// Unmount waits until nobody uses it any more, at most some seconds.
func (l *Loop) Unmount(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := syscall.Unmount(l.Dir, 0)
		if !errors.Is(err, syscall.EBUSY) {
			return pathError("unmount", l.Dir, err)
		}
		select {
		case <-ctx.Done():
			return pathError("unmount", l.Dir, err)
		case <-time.After(10 * time.Millisecond): // a killed process lets go of its files in its own time
		}
	}
}

// Cut takes the power away: what was not synced is gone, and every further write or sync fails. Call Unmount and Mount
// once all processes that use it are dead.
func (l *Loop) Cut() error {
	d, err := os.Open(l.Dir)
	if err != nil {
		return err
	}
	defer d.Close()
	flags := uint32(dropUnsynced)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, d.Fd(), shutdown, uintptr(unsafe.Pointer(&flags))); errno != 0 {
		return pathError("shut down", l.Dir, errno)
	}
	return nil
}

// ReadOnly makes it refuse every write, as a kernel does with a file system that it found damaged. Files open for writing
// are in the way of an ordinary remount, so that this is the emergency one: errors and all.
func (l *Loop) ReadOnly(ctx context.Context) error {
	if err := command(ctx, "mount", "-o", "remount,abort", l.Dir); err == nil {
		return nil
	}
	return command(ctx, "mount", "-o", "remount,ro", l.Dir)
}

// Free returns the bytes that may still be written.
func (l *Loop) Free() (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(l.Dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * st.Bsize, nil
}

// Close unmounts it whoever uses it, and removes its image.
func (l *Loop) Close() error {
	err := l.life.Close() // now the keeper works
	return errors.Join(err, l.keeper.Wait(), pathError("unmount", l.Dir, l.gone()))
}

func (l *Loop) gone() error {
	text, err := os.ReadFile("/proc/self/mounts")
	if err == nil && strings.Contains(string(text), " "+l.Dir+" ") {
		return errors.New("it is still mounted")
	}
	return err
}

func command(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s; file systems need the rights of root and loop devices", name, strings.Join(args, " "), err,
			strings.TrimSpace(string(out)))
	}
	return nil
}

func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: path, Err: err}
}
