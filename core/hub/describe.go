package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// describeTimeout is how long a program may take to say what it offers.
const describeTimeout = 20 * time.Second

// Describe starts the program of a plugin block, asks what it offers and stops it again. The command line calls it while it
// loads a configuration. Its errors end with the program's last words, if it had any.
func Describe(ctx context.Context, p config.Plugin, log hclog.Logger) (sdk.Program, error) {
	x, err := Examine(ctx, p, log)
	return x.Offers, err
}

// Examined is how a program answered.
type Examined struct {
	Offers sdk.Program
	Took   time.Duration // from its start to its answer
	Memory int64         // bytes it held then; 0 where the system does not tell
}

// Examine is Describe that also tells what it cost.
func Examine(ctx context.Context, p config.Plugin, log hclog.Logger) (x Examined, err error) {
	if err := runnable(p.Path); err != nil {
		return Examined{}, err
	}
	h, err := host.New(host.Config{Logger: log})
	if err != nil {
		return Examined{}, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	began := time.Now()
	process, err := h.Start(ctx, programOf(p))
	if err != nil {
		return Examined{}, err
	}
	x.Offers, err = wire.Describe(ctx, process.Conn())
	x.Took = time.Since(began)
	if usage, unknown := process.Usage(); unknown == nil {
		x.Memory = usage.RSS
	}
	if stopped := process.Stop(context.WithoutCancel(ctx)); !errors.Is(stopped, host.ErrKilled) {
		err = errors.Join(err, stopped)
	}
	return x, err
}

// runnable says in plain words what the system would say in its own.
func runnable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s; build the plugin, or mend path", path)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder; path must name the program in it", path)
	case info.Mode()&0o111 == 0 && os.PathSeparator == '/':
		return fmt.Errorf("%s is not executable; try chmod +x", path)
	}
	return nil
}

// programOf says how the program of a plugin block is started.
func programOf(p config.Plugin) host.Program {
	out := host.Program{Name: p.Name, Path: p.Path, Digest: p.Digest, Args: p.Args, MemoryLimit: int64(p.Memory)}
	for key, value := range p.Env {
		out.Env = append(out.Env, key+"="+value)
	}
	slices.Sort(out.Env)
	return out
}
