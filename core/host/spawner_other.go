//go:build !linux

package host

// spawner starts processes. Only Linux needs to be picky about the thread; see there.
type spawner struct{}

func newSpawner() *spawner { return &spawner{} }

func (*spawner) do(start func() error) error { return start() }

func (*spawner) close() {}
