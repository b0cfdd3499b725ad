package flow

import (
	"context"
	"sync"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// Cache keeps the newest batches of the log in memory, so that a sink that keeps up reads no batch twice. One cache serves a
// hub; its methods may be called from any goroutine.
type Cache struct {
	log   *broker.Broker
	limit int // bytes

	mu    sync.Mutex // guards all below
	bytes int
	held  map[uint64]*sdk.Records
	order []uint64 // sequences in the order in which they came
}

// NewCache returns a cache over log that holds at most limit bytes.
func NewCache(log *broker.Broker, limit int) *Cache {
	return &Cache{log: log, limit: limit, held: make(map[uint64]*sdk.Records)}
}

// Put keeps the batch that is stored as seq.
func (c *Cache) Put(seq uint64, r *sdk.Records) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.held[seq]; ok {
		return
	}
	c.held[seq] = r
	c.order = append(c.order, seq)
	c.bytes += len(r.Bytes())
	for c.bytes > c.limit && len(c.order) > 1 {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.bytes -= len(c.held[oldest].Bytes())
		delete(c.held, oldest)
	}
}

// Held returns the batch stored as seq if it is in memory, else nil.
func (c *Cache) Held(seq uint64) *sdk.Records {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[seq]
}

// Get returns the batch stored as seq, from memory or from the log.
func (c *Cache) Get(ctx context.Context, seq uint64) (*sdk.Records, error) {
	if r := c.Held(seq); r != nil {
		return r, nil
	}
	e, err := c.log.Get(ctx, broker.Events, seq)
	if err != nil {
		return nil, err
	}
	r, err := sdk.ParseRecords(e.Data)
	if err != nil {
		return nil, err
	}
	c.Put(seq, r)
	return r, nil
}
