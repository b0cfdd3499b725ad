package proxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// write writes the answer in its manner.
func (a Answer) write(w http.ResponseWriter, r *http.Request) {
	if a.Manner == Whole {
		for name, value := range a.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(a.status())
		_, _ = w.Write(a.Body)
		return
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer abort(conn)
	gone := watch(conn)
	a.misbehave(rw.Writer, gone)
	_ = rw.Flush()
	if a.Manner == HalfHead || a.Manner == HalfBody {
		drain(gone) // a reset would overtake what was written
	}
}

func (a Answer) status() int {
	if a.Status == 0 {
		return http.StatusOK
	}
	return a.Status
}

// watch returns a channel that is closed when the other side has ended the connection.
func watch(c net.Conn) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, c)
	}()
	return gone
}

// drain gives the other side the time to read what was written.
func drain(gone <-chan struct{}) {
	wait := time.NewTimer(50 * time.Millisecond)
	defer wait.Stop()
	select {
	case <-gone:
	case <-wait.C:
	}
}

// misbehave writes to a connection what the manner wants.
func (a Answer) misbehave(w *bufio.Writer, gone <-chan struct{}) {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n", a.status(), http.StatusText(a.status()), GiantBytes)
	switch a.Manner {
	case HalfHead:
		_, _ = w.WriteString(head[:len(head)/2])
	case HalfBody:
		_, _ = w.WriteString(head + "\r\nonly the beg")
	case Drip:
		_, _ = w.WriteString(head + "\r\n")
		drip(w, gone)
	case DripHead:
		_, _ = w.WriteString(head + "X-Slow: ")
		drip(w, gone)
	case Giant:
		_, _ = w.WriteString(head + "\r\n")
		flood(w, GiantBytes)
	case GiantHead:
		_, _ = w.WriteString(head + "X-Giant: ")
		flood(w, GiantBytes)
	case Garbage:
		_, _ = w.WriteString("\x00\x16 these are no headers\r\nNo: HTTP\x00: at all\r\n\r\n")
	}
}

// drip writes a byte now and then until the other side has had enough.
func drip(w *bufio.Writer, gone <-chan struct{}) {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		if _ = w.WriteByte('.'); w.Flush() != nil {
			return
		}
		select {
		case <-gone:
			return
		case <-again.C:
		}
	}
}

// flood writes n bytes, or as many as are taken.
func flood(w *bufio.Writer, n int) {
	block := bytes.Repeat([]byte(strings.Repeat("g", 64)), 1<<10)
	for ; n > 0; n -= len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}
