package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Client speaks to the ledger process. Its methods may be called from several goroutines; each blocks until the ledger has
// answered, which takes well under a millisecond.
type Client struct {
	mu   sync.Mutex // guards all below: one question at a time
	conn net.Conn
	in   *json.Decoder
	out  *json.Encoder
}

// Dial connects to the ledger that listens on the socket. The plugins call it with what their configuration says.
func Dial(socket string) (*Client, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("reach the ledger: %w", err)
	}
	return &Client{conn: conn, in: json.NewDecoder(conn), out: json.NewEncoder(conn)}, nil
}

// Close hangs up.
func (c *Client) Close() error { return c.conn.Close() }

func (c *Client) ask(q request) (a answer, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.out.Encode(q); err != nil {
		return a, fmt.Errorf("tell the ledger: %w", err)
	}
	if err := c.in.Decode(&a); err != nil {
		return a, fmt.Errorf("hear from the ledger: %w", err)
	}
	if a.Error != "" {
		return a, errors.New("the ledger: " + a.Error)
	}
	return a, nil
}

// Note writes one record into the history; Seq and Time are the ledger's.
func (c *Client) Note(r Record) error {
	_, err := c.ask(request{Op: "note", Record: &r})
	return err
}

// Generation returns the number of a new instance of who. A sink calls it when it is opened.
func (c *Client) Generation(who string) (uint64, error) {
	a, err := c.ask(request{Op: "generation", Who: who})
	return a.N, err
}

// Limit returns the highest number that the source or caller who may offer now.
func (c *Client) Limit(who string) (uint64, error) {
	a, err := c.ask(request{Op: "limit", Who: who})
	return a.N, err
}

// LastAcked returns the highest number that the caller who was told is durable.
func (c *Client) LastAcked(who string) (uint64, error) {
	a, err := c.ask(request{Op: "acked", Who: who})
	return a.N, err
}

// Known tells which of the events the sink who has already: the memory of a target system with a native key.
func (c *Client) Known(who string, ids []string) ([]bool, error) {
	a, err := c.ask(request{Op: "known", Who: who, IDs: ids})
	if err == nil && len(a.Known) != len(ids) {
		err = fmt.Errorf("the ledger knows %d of %d ids", len(a.Known), len(ids))
	}
	return a.Known, err
}

// Flow lets every source and caller offer up to number n.
func (c *Client) Flow(n uint64) error {
	_, err := c.ask(request{Op: "flow", N: n})
	return err
}

// Freeze lets nobody offer anything new: what was offered may be offered again.
func (c *Client) Freeze() error {
	_, err := c.ask(request{Op: "freeze"})
	return err
}

// Counts returns what the ledger knows now.
func (c *Client) Counts() (Counts, error) {
	a, err := c.ask(request{Op: "counts"})
	if err != nil || a.Counts == nil {
		return Counts{}, errors.Join(err, errors.New("no counts"))
	}
	return *a.Counts, nil
}
