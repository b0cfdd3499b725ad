package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// File is the name of the history in its folder.
const File = "history.jsonl"

// request is what a client says: one line, answered by one line.
type request struct {
	Op     string   `json:"op"`
	Who    string   `json:"who,omitempty"`
	N      uint64   `json:"n,omitempty"`
	IDs    []string `json:"ids,omitempty"`
	Record *Record  `json:"record,omitempty"`
}

type answer struct {
	N      uint64  `json:"n,omitempty"`
	Known  []bool  `json:"known,omitempty"`
	Counts *Counts `json:"counts,omitempty"`
	Error  string  `json:"error,omitempty"`
}

// Counts is what the ledger knows at one moment.
type Counts struct {
	// Offered is the highest number each source or caller has offered, Acked the highest that it was told is durable.
	Offered map[string]uint64 `json:"offered"`
	Acked   map[string]uint64 `json:"acked"`
	// Replay tells which of them can be read again.
	Replay map[string]bool `json:"replay"`
	// Delivered is the number of deliveries to each sink, repeats included; Taken the number of different events it has.
	Delivered map[string]uint64 `json:"delivered"`
	Taken     map[string]uint64 `json:"taken"`
	// Generation is the newest instance of each plugin.
	Generation map[string]uint64 `json:"generation"`
}

// server is the ledger process.
type server struct {
	mu     sync.Mutex // guards all below
	out    *bufio.Writer
	file   *os.File
	seq    uint64
	began  time.Time
	counts Counts
	taken  map[string]map[string]bool // by sink: ids it has
	limits map[string]uint64          // by source or caller: the highest number it may offer
	limit  uint64                     // of those without one of their own
}

// Serve writes the history in dir and listens on the socket until ctx ends. It appends to a history that is there.
func Serve(ctx context.Context, dir, socket string) error {
	f, err := os.OpenFile(filepath.Join(dir, File), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the history: %w", err)
	}
	defer f.Close()
	s := &server{file: f, out: bufio.NewWriterSize(f, 1<<16), began: time.Now(), taken: map[string]map[string]bool{},
		limits: map[string]uint64{}, limit: math.MaxUint64, counts: Counts{Offered: map[string]uint64{}, Acked: map[string]uint64{},
			Replay: map[string]bool{}, Delivered: map[string]uint64{}, Taken: map[string]uint64{}, Generation: map[string]uint64{}}}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("listen for who notes something: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return s.flush()
		}
		if err != nil {
			return err
		}
		go s.talk(conn) // ends with the connection, at the latest with this process
	}
}

func (s *server) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Flush()
}

func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	in, out := json.NewDecoder(conn), json.NewEncoder(conn)
	for {
		var q request
		if err := in.Decode(&q); err != nil {
			if !errors.Is(err, io.EOF) {
				fmt.Fprintln(os.Stderr, "ledger: a client broke off:", err)
			}
			return
		}
		if out.Encode(s.answer(&q)) != nil {
			return
		}
	}
}

func (s *server) answer(q *request) (a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q.Op {
	case "note":
		if err := s.note(q.Record); err != nil {
			return answer{Error: err.Error()}
		}
	case "limit":
		a.N = s.limitOf(q.Who)
	case "acked":
		a.N = s.counts.Acked[q.Who]
	case "known":
		for _, id := range q.IDs {
			a.Known = append(a.Known, s.taken[q.Who][id])
		}
	case "generation":
		s.counts.Generation[q.Who]++
		a.N = s.counts.Generation[q.Who]
	case "flow":
		s.limits, s.limit = map[string]uint64{}, q.N
	case "freeze":
		s.limits, s.limit = map[string]uint64{}, 0
		for who, n := range s.counts.Offered {
			s.limits[who] = n
		}
	case "counts":
		a.Counts = &s.counts
		b, _ := json.Marshal(a) // here, while nobody changes it
		a = answer{}
		_ = json.Unmarshal(b, &a)
	default:
		a.Error = fmt.Sprintf("there is no operation %q", q.Op)
	}
	return a
}

func (s *server) limitOf(who string) uint64 {
	if n, ok := s.limits[who]; ok {
		return n
	}
	return s.limit
}

// note writes one record. It is in the hands of the system when it returns; the ledger's machine is not harmed.
func (s *server) note(r *Record) error {
	if r == nil {
		return errors.New("nothing to note")
	}
	s.seq++
	r.Seq, r.Time = s.seq, s.began.UnixNano()+int64(time.Since(s.began))
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	s.count(r)
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		return err
	}
	return s.out.Flush()
}

func (s *server) count(r *Record) {
	c := &s.counts
	switch r.Kind {
	case Offer, Replay:
		c.Replay[r.Who] = r.Kind == Replay
		for _, it := range r.Items {
			c.Offered[r.Who] = max(c.Offered[r.Who], it.N)
		}
	case Acked:
		for _, it := range r.Items {
			c.Acked[r.Who] = max(c.Acked[r.Who], it.N)
		}
	case Deliver:
		c.Delivered[r.Who] += uint64(len(r.Items))
	case Ok:
		if s.taken[r.Who] == nil {
			s.taken[r.Who] = map[string]bool{}
		}
		for _, it := range r.Items {
			s.taken[r.Who][it.ID] = true
		}
		c.Taken[r.Who] = uint64(len(s.taken[r.Who]))
	}
}
