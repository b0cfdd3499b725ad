package host

import "runtime"

// spawner starts processes from one operating system thread. The kernel sends Pdeathsig when the thread that started the
// process ends, not the hub; Go ends threads as it likes, so the starting one is locked and lives as long as the host.
type spawner struct {
	jobs    chan func() // unbuffered, read by the locked thread
	closing chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func()), closing: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
	runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
	for {
		select {
		case job := <-s.jobs:
			job()
		case <-s.closing:
			return
		}
	}
}

// do runs start on the thread and returns its error.
func (s *spawner) do(start func() error) error {
	result := make(chan error, 1)
	select {
	case s.jobs <- func() { result <- start() }:
		return <-result
	case <-s.closing:
		return ErrClosed
	}
}

// close ends the thread, and with it, by Pdeathsig, a plugin that survived its kill. Called once.
func (s *spawner) close() { close(s.closing) }
