package config

import (
	"encoding/json"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// Settings are what pintle { ... } says about the hub itself.
type Settings struct {
	// DataDir is where the hub keeps its data. Absolute.
	DataDir string
	// LogLevel is debug, info, warn or error.
	LogLevel string
	Broker   Broker
	Limits   Limits
	// Metrics is where figures for Prometheus are served besides the admin socket: a loopback address, "" for nowhere.
	Metrics string
}

// Broker says where the log is.
type Broker struct {
	// URL lists the servers of an external NATS cluster, separated by commas. Empty means the embedded log.
	URL string
	// Replicas is on how many servers each message is kept.
	Replicas int
}

// Limits bound what the hub keeps.
type Limits struct {
	// EventsMax, InsightsMax and DeadMax are how much the streams of events, of insights and of dead letters may hold.
	EventsMax, InsightsMax, DeadMax sdk.Size
}

type settingsConfig struct {
	DataDir  string         `pintle:"data_dir" default:"./data" doc:"Folder of the hub's data, relative to the folder of the configuration."`
	LogLevel string         `pintle:"log_level" default:"info" enum:"debug,info,warn,error" doc:"What the hub logs."`
	Broker   *brokerConfig  `pintle:"broker,block" doc:"An external NATS cluster instead of the embedded log."`
	Limits   limitsConfig   `pintle:"limits,block" doc:"Bounds of what the hub keeps."`
	Metrics  *metricsConfig `pintle:"metrics,block" doc:"Figures for Prometheus on a port of this machine."`
}

type metricsConfig struct {
	Listen string `pintle:"listen,required" doc:"Loopback address and port to serve /metrics on, such as \"127.0.0.1:9464\"."`
}

type brokerConfig struct {
	URL      string `pintle:"url,required,sensitive" doc:"Servers, separated by commas: nats://a:4222,nats://b:4222."`
	Replicas int    `pintle:"replicas" default:"1" min:"1" max:"5" doc:"On how many servers each message is kept."`
}

type limitsConfig struct {
	Events   sdk.Size `pintle:"events" default:"10GiB" min:"1MiB" doc:"Most that the stream of events may hold."`
	Insights sdk.Size `pintle:"insights" default:"1GiB" min:"1MiB" doc:"Most that the stream of insights may hold."`
	Dead     sdk.Size `pintle:"dead" default:"1GiB" min:"1MiB" doc:"Most that the dead letters may hold."`
}

// settings reads the pintle block; without one all defaults hold.
func (l *loader) settings(blocks []*hclsyntax.Block) Settings {
	body, at := &hclsyntax.Body{}, hcl.Range{}
	for i, b := range blocks {
		if i > 0 {
			l.fail(b.DefRange(), "Declared twice", "There is a pintle block at %s already; put all settings into one.", placeOf(blocks[0].DefRange()))
			continue
		}
		body, at = b.Body, b.DefRange()
	}
	var c settingsConfig
	if _, ok := l.decode(body, block{what: "the pintle block", at: at}, &c); !ok {
		return Settings{}
	}
	s := Settings{
		DataDir: c.DataDir, LogLevel: c.LogLevel, Broker: Broker{Replicas: 1},
		Limits: Limits{EventsMax: c.Limits.Events, InsightsMax: c.Limits.Insights, DeadMax: c.Limits.Dead},
	}
	if c.Broker != nil {
		s.Broker = Broker{URL: c.Broker.URL, Replicas: c.Broker.Replicas}
	}
	if c.Metrics != nil {
		s.Metrics = c.Metrics.Listen
		l.checkMetrics(s.Metrics, at)
	}
	if !filepath.IsAbs(s.DataDir) {
		s.DataDir = filepath.Join(l.dir, s.DataDir)
	}
	return s
}

// checkMetrics refuses an address that other machines reach: nobody has to say who they are to read the figures.
func (l *loader) checkMetrics(listen string, at hcl.Range) {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || port == "" || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		l.fail(at, "Not a loopback address", "Figures are served to this machine only: write listen = \"127.0.0.1:9464\". "+
			"For others, let a proxy that knows who may read stand before it.")
	}
}

// String shows the servers without their passwords.
func (b Broker) String() string {
	var shown []string
	for _, server := range strings.Split(b.URL, ",") {
		u, err := url.Parse(server)
		if err != nil {
			return sensitive
		}
		if u.User != nil {
			u.User = url.User("hidden")
		}
		shown = append(shown, u.String())
	}
	return strings.Join(shown, ",")
}

// GoString does the same for %#v.
func (b Broker) GoString() string { return b.String() }

// MarshalJSON does the same for JSON.
func (b Broker) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"url": b.String(), "replicas": b.Replicas})
}

// decode checks a block of the hub's own against the struct c and fills it. Shown is what may be printed of it.
func (l *loader) decode(body *hclsyntax.Body, b block, c any) (shown map[string]any, ok bool) {
	schema, err := sdk.SchemaOf(c)
	if err != nil {
		panic("config: " + err.Error()) // a bug in this package
	}
	before := len(l.diags)
	x := l.checkBody(body, schema, b)
	if l.diags[before:].HasErrors() {
		return nil, false
	}
	data, err := json.Marshal(x.values)
	if err == nil {
		err = sdk.DecodeConfig(data, c)
	}
	if err != nil {
		l.fail(b.at, "Cannot be read", "%s cannot be read: %v.", b.what, err)
	}
	return x.shown, err == nil
}
