package host

import (
	"io"
	"os"
	"sync"
)

// stdio holds both ends of the three pipes to a process: stdin, stdout, stderr. The host never writes to stdin: it is the
// life line, whose end tells the plugin that the hub is gone.
type stdio struct {
	host, child [3]*os.File
}

func newStdio() (stdio, error) {
	var s stdio
	for fd := range s.host {
		rd, wr, err := os.Pipe()
		if err != nil {
			s.close()
			return s, err
		}
		s.host[fd], s.child[fd] = rd, wr
	}
	s.host[0], s.child[0] = s.child[0], s.host[0] // stdin runs the other way
	return s, nil
}

// close closes what is still open. The pumps that read from the host's ends then return.
func (s stdio) close() {
	closeAll(s.host[:])
	closeAll(s.child[:])
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // closing twice is harmless
		}
	}
}

// pipe is what go-plugin reads instead of the process's output: at most one line, then an end. Offering never blocks.
type pipe struct {
	line   chan []byte // capacity 1: the handshake; read by go-plugin's scanner
	ended  chan struct{}
	once   sync.Once
	unread []byte // owned by the one reader
}

func newPipe() *pipe {
	return &pipe{line: make(chan []byte, 1), ended: make(chan struct{})}
}

// offer hands over a copy of line, or drops it when there was one before.
func (p *pipe) offer(line []byte) bool {
	select {
	case p.line <- append([]byte(nil), line...):
		return true
	default:
		return false
	}
}

func (p *pipe) Read(b []byte) (int, error) {
	if len(p.unread) == 0 && !p.receive() {
		return 0, io.EOF
	}
	n := copy(b, p.unread)
	p.unread = p.unread[n:]
	return n, nil
}

// receive waits for the line or the end. A line that came before the end counts.
func (p *pipe) receive() bool {
	select {
	case p.unread = <-p.line:
		return true
	case <-p.ended:
	}
	select {
	case p.unread = <-p.line:
		return true
	default:
		return false
	}
}

// Close ends the reader. It may be called by anyone, more than once.
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}
