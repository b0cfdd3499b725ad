package text

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/leader"
	"github.com/pintle-hub/pintle/sdk"
)

// clusterConfig is analyzer "cluster" "name" {}.
type clusterConfig struct {
	When        sdk.PerEvent  `pintle:"when" doc:"Which events are put into clusters, such as event.topic.none. Default: all with a text."`
	Language    sdk.PerEvent  `pintle:"language" doc:"The code of the text's language, such as event.lang.code: words that are not English are compared as they are. Default: all are read as English."`
	Threshold   float64       `pintle:"threshold" default:"0.08" min:"0.01" max:"0.99" doc:"How similar a text must be to a cluster to join it. Higher makes more and smaller clusters."`
	Window      time.Duration `pintle:"window" default:"14d" min:"1s" doc:"How long after its newest text, in the time of the events, a cluster can be joined."`
	MaxClusters int           `pintle:"max_clusters" default:"5000" min:"1" max:"100000" doc:"Beyond it the clusters without news for longest are forgotten."`
	Memory      sdk.Size      `pintle:"memory" default:"64MiB" min:"1MiB" max:"200MiB" doc:"The same, by how much is remembered."`
}

func clusterSpec() sdk.AnalyzerSpec {
	spec := sdk.NewAnalyzer("cluster", "Puts texts that are about the same into clusters, without knowing topics beforehand. An event without words gets no fields.", []sdk.Field{
		{Name: "id", Kind: sdk.String, Doc: "The cluster. It stays the same for as long as the cluster lives; where two grow together, the older id stays."},
		{Name: "size", Kind: sdk.Number, Doc: "How many different texts the cluster has had, this one included."},
		{Name: "confidence", Kind: sdk.Number, Doc: "How similar the text is to the cluster, 0 to 1; 1 for the text that opens one."},
		{Name: "label", Kind: sdk.String, Doc: "Up to three words that weigh most in the cluster, of those in at least three of its texts; not set while there are none."},
	}, openCluster)
	spec.Stateful = true
	return spec
}

// cluster is the analyzer. All it remembers is in clusters.
type cluster struct {
	config   clusterConfig
	reader   leader.Reader
	clusters *leader.Clusters
}

func openCluster(_ context.Context, c clusterConfig) (sdk.Analyzer, error) {
	return &cluster{config: c, clusters: leader.New(leader.Options{
		Threshold: c.Threshold, Window: c.Window, MaxClusters: c.MaxClusters, MaxBytes: int64(c.Memory),
	})}, nil
}

// Analyze puts each event into its cluster, in the order of the log. It cannot fail halfway, so that the hub may give a batch
// again.
func (c *cluster) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range in.Len() {
		if c.config.When.IsSet() && !in.Attr(i, c.config.When).Bool {
			continue
		}
		c.add(in, i, out)
	}
	return nil
}

func (c *cluster) add(in *sdk.Batch, i int, out *sdk.Additions) {
	e, text := in.Event(i), in.Text(i)
	if text == "" || e.Time.IsZero() {
		return
	}
	language := in.Attr(i, c.config.Language)
	at, _ := saidAt(in, e)
	k, similarity := c.clusters.Add(&leader.Post{
		ID: e.ID, At: at.UnixNano(), Text: leader.Hash(text),
		Features: c.reader.Read(e.Tenant, text, language.IsNull() || language.Text() == "en"),
	})
	if k == nil {
		return
	}
	out.SetString(i, "id", "c_"+sdk.HashID(e.Tenant, k.First))
	out.SetNumber(i, "size", float64(k.Size))
	out.SetNumber(i, "confidence", round3(similarity))
	if label := k.Label(); label != "" {
		out.SetString(i, "label", label)
	}
}

// Snapshot implements sdk.Stateful.
func (c *cluster) Snapshot(context.Context) ([]byte, error) { return c.clusters.Snapshot(), nil }

// Restore implements sdk.Stateful.
func (c *cluster) Restore(_ context.Context, snapshot []byte) error {
	if err := c.clusters.Restore(snapshot); err != nil {
		return sdk.Errorf(sdk.Invalid, "restore what the cluster analyzer remembers: %w", err)
	}
	return nil
}
