package web

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// gatherTimeout bounds how long the figures may take: a log that does not answer leaves out its own.
const gatherTimeout = 10 * time.Second

// Metrics serves the figures of a hub for Prometheus. Labels are names of the configuration and states, never anything that a
// customer wrote.
func Metrics(h Hub) http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(&figures{hub: h, all: describe()}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// figures is a hub's status as metrics; made anew at every request, so that nothing is counted twice.
type figures struct {
	hub Hub
	all map[string]*prometheus.Desc
}

// describe names every metric, what it is and its labels.
func describe() map[string]*prometheus.Desc {
	all := make(map[string]*prometheus.Desc)
	for _, m := range []struct {
		name, help string
		labels     []string
	}{
		{"events_total", "Events of a pipeline by what became of them; accepted = delivered + dead_lettered + dropped + pintle_events_in_flight.", []string{"pipeline", "outcome"}},
		{"events_in_flight", "Events accepted and not settled yet.", []string{"pipeline"}},
		{"insights_total", "Insights that analyzers raised (outcome raised), and what became of them.", []string{"pipeline", "outcome"}},
		{"dropped_total", "Events dropped, by the rule that did.", []string{"pipeline", "rule"}},
		{"books_balanced", "1 while nothing is missing and nothing was counted twice.", nil},
		{"source_events_total", "Events stored for a source, over all runs.", []string{"source"}},
		{"sink_delivered_total", "Events that a sink has taken since it was started.", []string{"pipeline", "sink"}},
		{"sink_rejected_total", "Events that a sink has refused for good since it was started.", []string{"pipeline", "sink"}},
		{"sink_held_events", "Events that wait to be tried again.", []string{"pipeline", "sink"}},
		{"sink_behind_batches", "Batches that a sink has still to settle.", []string{"pipeline", "sink"}},
		{"block_state", "1 for the state a block is in, 0 for the others.", []string{"pipeline", "block", "state"}},
		{"block_restarts_total", "How often the plugin of a block was started again.", []string{"pipeline", "block"}},
		{"block_waiting_seconds_total", "How long a block has waited for the log or for its target (back-pressure).", []string{"pipeline", "block"}},
		{"log_connected", "1 while the log answers.", nil},
		{"log_storing", "1 while the log takes events, 0 while something keeps it from storing.", nil},
		{"log_stream_bytes", "Bytes that a stream of the log holds.", []string{"stream"}},
		{"log_stream_limit_bytes", "Bytes at which a stream refuses new events.", []string{"stream"}},
		{"log_stream_messages", "Messages that a stream of the log holds.", []string{"stream"}},
		{"log_damaged_ranges", "Ranges of the log that were found missing or changed since the hub's start.", nil},
		{"disk_free_bytes", "Bytes free on the disk of the data folder.", nil},
		{"disk_size_bytes", "Size of that disk.", nil},
		{"parts_given_up", "Parts of the hub that gave up and need a person.", nil},
		{"reload_refused", "1 while the newest configuration was not taken and the one before runs.", nil},
		{"uptime_seconds", "Seconds since the hub's start.", nil},
	} {
		all[m.name] = prometheus.NewDesc("pintle_"+m.name, m.help, m.labels, nil)
	}
	return all
}

// Describe implements prometheus.Collector.
func (f *figures) Describe(c chan<- *prometheus.Desc) {
	for _, d := range f.all {
		c <- d
	}
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherTimeout)
	defer cancel()
	s := f.hub.Status(ctx)
	w := gathering{f.all, c}
	w.whole(s)
	for _, x := range s.Sources {
		w.count("source_events_total", float64(x.Total), x.Address)
		w.block("", x.Address, x.Report)
	}
	for _, p := range s.Pipelines {
		w.pipeline(p)
	}
	w.log(s)
}

// gathering is where the figures of one request go.
type gathering struct {
	all map[string]*prometheus.Desc
	c   chan<- prometheus.Metric
}

func (w gathering) count(name string, n float64, labels ...string) {
	w.c <- prometheus.MustNewConstMetric(w.all[name], prometheus.CounterValue, n, labels...)
}

func (w gathering) gauge(name string, n float64, labels ...string) {
	w.c <- prometheus.MustNewConstMetric(w.all[name], prometheus.GaugeValue, n, labels...)
}

func (w gathering) is(name string, yes bool, labels ...string) {
	n := 0.0
	if yes {
		n = 1
	}
	w.gauge(name, n, labels...)
}

func (w gathering) whole(s hub.Status) {
	w.is("books_balanced", s.Balanced)
	w.gauge("parts_given_up", float64(len(s.Errors)))
	w.is("reload_refused", s.Refused != nil)
	w.gauge("uptime_seconds", s.Up)
}

func (w gathering) pipeline(p hub.PipelineStatus) {
	b := p.Books
	for _, x := range []struct {
		outcome string
		n       uint64
	}{{"accepted", b.Accepted}, {"delivered", b.Delivered}, {"dead_lettered", b.Dead}, {"dropped", b.Dropped}} {
		w.count("events_total", float64(x.n), p.Name, x.outcome)
	}
	for _, x := range []struct {
		outcome string
		n       uint64
	}{{"raised", b.Insights}, {"delivered", b.InsightsDelivered}, {"dead_lettered", b.InsightsDead}, {"dropped", b.InsightsDropped}} {
		w.count("insights_total", float64(x.n), p.Name, x.outcome)
	}
	w.gauge("events_in_flight", float64(b.InFlight), p.Name)
	for rule, n := range b.Rules {
		w.count("dropped_total", float64(n), p.Name, rule)
	}
	w.block(p.Name, "pipeline."+p.Name, p.Report)
	for _, h := range p.Hops {
		if len(h.Analyzers) > 0 {
			w.block(p.Name, h.Analyzers[0], h.Report)
		}
	}
	for _, k := range p.Sinks {
		w.count("sink_delivered_total", float64(k.Delivered), p.Name, k.Address)
		w.count("sink_rejected_total", float64(k.Rejected), p.Name, k.Address)
		w.gauge("sink_held_events", float64(k.Holding), p.Name, k.Address)
		w.gauge("sink_behind_batches", float64(k.Behind), p.Name, k.Address)
		w.block(p.Name, k.Address, k.Report)
	}
}

func (w gathering) block(pipeline, address string, r flow.Report) {
	for _, state := range flow.States() {
		w.is("block_state", r.State == state, pipeline, address, string(state))
	}
	w.count("block_restarts_total", float64(r.Restarts), pipeline, address)
	w.count("block_waiting_seconds_total", r.Waited, pipeline, address)
}

func (w gathering) log(s hub.Status) {
	l := s.Log
	w.is("log_connected", l.Connected)
	w.is("log_storing", l.Connected && l.Problem == "")
	w.gauge("log_damaged_ranges", float64(len(l.Damage)))
	for _, x := range l.Streams {
		w.gauge("log_stream_bytes", float64(x.Bytes), string(x.Stream))
		w.gauge("log_stream_messages", float64(x.Messages), string(x.Stream))
		if x.MaxBytes > 0 {
			w.gauge("log_stream_limit_bytes", float64(x.MaxBytes), string(x.Stream))
		}
	}
	if !l.External && l.DiskTotal > 0 {
		w.gauge("disk_free_bytes", float64(l.DiskFree))
		w.gauge("disk_size_bytes", float64(l.DiskTotal))
	}
}
