package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/host"
)

// cacheBytes is how much of the newest batches is kept in memory.
const cacheBytes = 64 << 20

// Options say how a hub runs.
type Options struct {
	Plan   *config.Plan
	Logger hclog.Logger
	// Bundled returns the command line that runs a built-in program as a plugin: the executable and its arguments.
	Bundled func(program string) (path string, args []string)
	// Stdout is where sinks that print write. Nil means nowhere.
	Stdout *os.File
	// UntilIdle ends Run when all finite sources are read and everything is delivered.
	UntilIdle bool
	// StopTimeout is how long Run may take to finish what is on its way; zero means 15 s.
	StopTimeout time.Duration
	// Silence, Drain and WorkTimeout are flow.Plug's, for every plugin; zero means its defaults.
	Silence, Drain, WorkTimeout time.Duration
}

// Hub is a running configuration. Open makes one, Run runs it, Close ends it.
type Hub struct {
	options Options
	log     hclog.Logger
	broker  *broker.Broker
	host    *host.Host
	cache   *flow.Cache
	started time.Time
	// headlines are the newest insights of all pipelines, over reloads.
	headlines flow.Headlines

	reloading sync.Mutex    // held during a reload
	runs      chan struct{} // closed when Run has started everything

	fenced chan struct{} // closed when another hub has written where only this one should
	stop   func()        // closes fenced

	mu        sync.Mutex // guards all below
	plan      *config.Plan
	sources   map[string]*sourceUnit
	pipelines map[string]*pipelineUnit
	gone      []gaveUp // parts that gave up, and were not started again by a reload
	running   bool
	ctx       context.Context // of Run; units started by a reload live under it
	soft      context.Context // ends when Run is told to stop
	refused   *Refusal        // the newest configuration, when it was not taken
}

// Open opens the log and builds everything the plan says. Nothing runs yet.
func Open(ctx context.Context, o Options) (*Hub, error) {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.StopTimeout == 0 {
		o.StopTimeout = 15 * time.Second
	}
	b, err := OpenLog(ctx, o.Plan.Settings, o.Logger)
	if err != nil {
		return nil, err
	}
	plugins, err := host.New(host.Config{Logger: o.Logger.Named("plugin")})
	if err != nil {
		return nil, errors.Join(err, b.Close(ctx))
	}
	h := &Hub{options: o, log: o.Logger, broker: b, host: plugins, cache: flow.NewCache(b, cacheBytes), plan: o.Plan, started: time.Now(),
		sources: make(map[string]*sourceUnit), pipelines: make(map[string]*pipelineUnit), fenced: make(chan struct{}), runs: make(chan struct{})}
	h.stop = sync.OnceFunc(func() { close(h.fenced) })
	if err := h.build(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// OpenLog opens the log that settings name. The command line uses it to look at dead letters while no hub runs.
func OpenLog(ctx context.Context, s config.Settings, log hclog.Logger) (*broker.Broker, error) {
	return broker.Open(ctx, logConfig(s, log))
}

// InspectLog opens the log that settings name although it may be damaged, to find out with Fsck what is wrong. Nothing is
// changed in it. progress hears how far Fsck has come in a stream; nil means nobody.
func InspectLog(ctx context.Context, s config.Settings, log hclog.Logger, progress func(s broker.Stream, at, to uint64)) (*broker.Broker, error) {
	c := logConfig(s, log)
	c.Inspect, c.Progress = true, progress
	return broker.Open(ctx, c)
}

func logConfig(s config.Settings, log hclog.Logger) broker.Config {
	limits := make(map[broker.Stream]int64)
	for stream, size := range map[broker.Stream]int64{broker.Events: int64(s.Limits.EventsMax), broker.Insights: int64(s.Limits.InsightsMax),
		broker.Dead: int64(s.Limits.DeadMax)} {
		if size > 0 {
			limits[stream] = size
		}
	}
	return broker.Config{Dir: s.DataDir, URL: s.Broker.URL, Replicas: s.Broker.Replicas, MaxBytes: limits,
		Verify: flow.Verify, Count: flow.Count, Logger: log.Named("log")}
}

// build makes and loads all units of the plan.
func (h *Hub) build(ctx context.Context) error {
	for _, b := range used(h.plan) {
		u := h.newSource(b)
		if err := u.Load(ctx); err != nil {
			return err
		}
		h.sources[b.Address()] = u
	}
	for _, p := range h.plan.Pipelines {
		u, err := h.newPipeline(ctx, p, nil)
		if err != nil {
			return err
		}
		h.pipelines[p.Name] = u
	}
	return h.loadDead(ctx)
}

// used returns the sources that some pipeline reads.
func used(p *config.Plan) []*config.Block {
	var out []*config.Block
	seen := make(map[*config.Block]bool)
	for _, pipe := range p.Pipelines {
		for _, b := range pipe.From {
			if !seen[b] {
				seen[b] = true
				out = append(out, b)
			}
		}
	}
	return out
}

// Close ends plugins and log. Call it after Run has returned.
func (h *Hub) Close() error {
	err := h.host.Close()
	ctx, cancel := context.WithTimeout(context.Background(), h.options.StopTimeout)
	defer cancel()
	return errors.Join(err, h.broker.Close(ctx))
}

// Broker returns the hub's log, for who looks at dead letters in it.
func (h *Hub) Broker() *broker.Broker { return h.broker }

// Plan returns the plan that runs.
func (h *Hub) Plan() *config.Plan {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.plan
}

// Insights returns the newest insights raised since the hub's start, at most 1000, each as it was raised last, newest last.
func (h *Hub) Insights() []flow.Headline { return h.headlines.All() }

// loadDead tells books and sinks which events were given up before the last crash, above what is saved of them. Letters whose
// redemption was interrupted go.
func (h *Hub) loadDead(ctx context.Context) error {
	for _, p := range h.pipelines {
		if err := h.forget(ctx, p); err != nil {
			return fmt.Errorf("delete the dead letter that pipeline %s has redeemed: %w", p.Name, err)
		}
	}
	letters, err := h.DeadLetters(ctx)
	if err != nil {
		return fmt.Errorf("read the dead letters: %w", err)
	}
	for _, d := range letters {
		p := h.pipelines[d.Pipeline]
		if p == nil || d.Stage != flow.StageSink {
			continue
		}
		p.books.Dead(d.Step, d.Unit, d.Ordinal)
		if s := p.sinks[d.At]; s != nil {
			s.KnownDead(&d.DeadLetter)
		}
	}
	return nil
}
