// Package broker is the durable log of Pintle: a few streams of opaque messages kept by NATS JetStream, embedded in
// this process by default or on an external cluster. It is the only importer of NATS.
//
// It does not know what a message means: record batches, checkpoints and dead letters are encoded elsewhere. It starts
// no goroutine of its own; the loops inside the NATS client and server end with Close.
//
// Its one promise: when Append returns without an error, the message is on disk (fsync done), stays readable under the
// returned sequence until Trim removes it, and what cannot be kept is refused or reported, never dropped in silence.
package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Defaults of Config.
const (
	// DefaultMaxMessage is the largest message in bytes. With the headers it stays below the 8 MiB that NATS advises.
	DefaultMaxMessage = 8<<20 - headroom
	// DefaultTimeout bounds one request to the server, an fsync included.
	DefaultTimeout = 10 * time.Second

	headroom = 4 << 10 // bytes left for headers in the server's payload limit
)

// Config tells Open what to open. The zero value of each field but Dir is the default.
type Config struct {
	// Dir is the data directory of the embedded server. Required unless URL is set; created when missing. A second
	// Open of the same directory, from any process, fails with ErrLocked.
	Dir string
	// URL lists external NATS servers, "nats://a:4222,nats://b:4222". Empty means embedded.
	URL string
	// Replicas is the number of copies of each stream, external only. 0 means 1.
	Replicas int
	// MaxBytes is the size at which a stream refuses new messages with ErrFull. A stream without an entry keeps the
	// limit it has; at its creation it gets a share of the free disk, see disk.go.
	MaxBytes map[Stream]int64
	// MaxMessage is the largest message in bytes, at most DefaultMaxMessage. 0 means DefaultMaxMessage.
	MaxMessage int
	// Reserve is how many bytes of the disk stay free: Append refuses with ErrFull when less is left, because a server that
	// meets a full disk stops. 0 means 5 % of the disk, at most 1 GiB. Embedded only.
	Reserve int64
	// Verify is asked about the newest messages at Open and about all by Fsck: an error means the message is damaged, and
	// is shown to people. States are not asked about, they carry a checksum of their own. Nil means no check. It must not
	// be slow and may be called from several goroutines.
	Verify func(s Stream, data []byte) error
	// Count tells of a message how many events its subject has had up to and with it, and how many are in it; 0, 0 when it
	// cannot tell. It lets damage say how much is lost. Nil means that nobody can. The rules of Verify hold.
	Count func(s Stream, data []byte) (total, n uint64)
	// Inspect opens a log that Open would refuse, to look at it: nothing is made, noted or taken, and Fsck tells what is wrong.
	Inspect bool
	// Progress hears, while messages are verified, of each: its sequence, and that of the last one to come. Nil means nobody.
	Progress func(s Stream, at, to uint64)
	// Timeout bounds each request to the server. 0 means DefaultTimeout.
	Timeout time.Duration
	// Logger receives what the server and the client say. Nil means silence; warnings are kept for Status all the same.
	Logger hclog.Logger
}

// Broker is an open log. All methods may be called from several goroutines.
type Broker struct {
	cfg     Config
	log     *recorder
	lock    *dirLock // nil when external
	nc      *nats.Conn
	js      jetstream.JetStream
	streams map[Stream]jetstream.Stream // filled by Open, read-only after
	drained chan struct{}               // closed by the client when the connection is closed for good; Close reads it
	opened  bool                        // Open came to its end
	closed  atomic.Bool
	disk    gauge
	stuck   stuck
	recent  recent
	trend   trend
	found   findings
	lasts   lasts
	odd     map[Stream]bool    // descriptions of which one file had changed when Run looked last; Run's alone
	absent  map[Stream]*Damage // streams that are not there, with what that loses; of Inspect only, read-only after Open
	notes   notes
	acked   map[Stream]*mark   // newest sequence of our own appends; the map is read-only after Open
	rations map[Stream]*ration // the same
	edges   map[Stream]*edge   // of an embedded log; filled by Open, read-only after
	trim    sync.Mutex         // one Trim at a time
	heal    sync.Mutex         // one restart at a time

	mu      sync.RWMutex     // guards both below
	srv     *server.Server   // nil when external; replaced when the server is restarted
	readers map[*Reader]bool // open
}

// Open starts or reaches the server and makes the streams ready. Close must be called when it returns no error.
func Open(ctx context.Context, c Config) (*Broker, error) {
	if c.MaxMessage > DefaultMaxMessage {
		return nil, fmt.Errorf("open the log: messages of %d bytes asked for, at most %d", c.MaxMessage, DefaultMaxMessage)
	}
	if c.URL == "" && c.Replicas > 1 {
		return nil, fmt.Errorf("open the log: %d replicas asked for, but an embedded log has one; set the URL of a NATS "+
			"cluster or remove replicas", c.Replicas)
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = DefaultMaxMessage
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	b := &Broker{
		cfg: c, streams: map[Stream]jetstream.Stream{}, drained: make(chan struct{}),
		disk: gauge{reserve: c.Reserve}, acked: map[Stream]*mark{}, absent: map[Stream]*Damage{}, odd: map[Stream]bool{}, readers: map[*Reader]bool{},
		rations: map[Stream]*ration{}, edges: map[Stream]*edge{},
	}
	b.log = newRecorder(c.Logger, &b.stuck)
	for _, s := range Streams() {
		b.acked[s], b.rations[s] = &mark{}, &ration{}
	}
	if c.URL == "" {
		b.disk.dir = c.Dir
	}
	if err := b.open(ctx); err != nil {
		return nil, errors.Join(err, b.Close(context.WithoutCancel(ctx)))
	}
	b.opened = true
	return b, nil
}

func (b *Broker) open(ctx context.Context) error {
	if err := b.startEmbedded(); err != nil {
		return err
	}
	if err := b.connect(ctx); err != nil {
		return err
	}
	if err := b.checkExternal(ctx); err != nil {
		return err
	}
	if err := b.openNotes(ctx); err != nil {
		return err
	}
	if err := b.openStreams(ctx, true); err != nil {
		return err
	}
	if b.cfg.Inspect {
		return nil
	}
	if err := b.adopt(ctx); err != nil {
		return err
	}
	if err := b.checkStreams(ctx); err != nil {
		return err
	}
	for _, s := range Streams() {
		if err := b.survey(ctx, s); err != nil {
			return fmt.Errorf("look at stream %s: %w", s, err)
		}
	}
	b.keepSpares()
	err := b.noteAll(ctx)
	if errors.Is(err, syscall.ENOSPC) && len(b.known().Streams) == len(Streams()) {
		b.cfg.Logger.Warn("the manifest stays behind until the disk has room", "error", err)
		return nil // a lower bound: a hub that is started again on a full disk can say so and wait
	}
	return err
}

// Close ends readers and appends in flight, stops the embedded server and frees the data directory. Idempotent.
func (b *Broker) Close(ctx context.Context) error {
	b.heal.Lock() // a restart under way ends first
	defer b.heal.Unlock()
	if b.closed.Load() {
		return nil
	}
	b.lastNote(ctx)
	b.closed.Store(true)
	for _, g := range b.edges {
		g.close()
	}
	err := b.disconnect(ctx)
	b.stopEmbedded()
	return errors.Join(err, b.lock.release())
}

// lastNote brings the manifest up to date where that is possible. It may stay behind: it is a lower bound.
func (b *Broker) lastNote(ctx context.Context) {
	if !b.opened || b.cfg.Inspect || b.sick() != "" || !b.nc.IsConnected() {
		return
	}
	if err := b.noteAll(ctx); err != nil {
		b.log.out.Debug("the manifest stays behind", "error", err)
	}
}

// disconnect hands over what the client still holds, then closes the connection. Dropping the server first would lose
// the answers to appends in flight.
func (b *Broker) disconnect(ctx context.Context) error {
	if b.nc == nil {
		return nil
	}
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	defer b.nc.Close()
	if err := b.nc.Drain(); err != nil {
		return nil // not connected: nothing to hand over
	}
	select {
	case <-b.drained:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("drain the log's connection: %w", ctx.Err())
	}
}

// bounded gives one request its time limit.
func (b *Broker) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.cfg.Timeout)
}
