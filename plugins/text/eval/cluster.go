package main

import (
	"fmt"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

// measureCluster measures the clusters of two streams with the settings as they are shipped. The threshold was chosen on the
// first stream and is used unchanged on the second.
func measureCluster(e *evaluation) error {
	for _, set := range []struct {
		name      string
		published []Baseline
	}{
		{"Tweets", []Baseline{{"MStream (published)", .844}, {"MStreamF (published)", .823}, {"DTM (published)", .801}, {"Sumblr (published)", .689}}},
		{"Tweets-T", []Baseline{{"MStream (published)", .882}, {"MStreamF (published)", .923}, {"DTM (published)", .802}, {"Sumblr (published)", .695}}},
	} {
		texts, err := e.data.MStream(set.name)
		if err != nil {
			return err
		}
		p, err := clustersOf("{}", texts)
		if err != nil {
			return err
		}
		e.report(Figure{Measure: "mstream " + set.name + ", NMI", Value: p.NMI(), Goal: .88, Baselines: set.published,
			Detail: fmt.Sprintf("%d clusters", p.Groups())})
		e.report(Figure{Measure: "mstream " + set.name + ", adjusted Rand index", Value: p.ARI()})
		e.report(Figure{Measure: "mstream " + set.name + ", B-cubed F", Value: p.B3()})
		if err := e.reportSpeed("cluster", "{}", texts, 50_000); err != nil {
			return err
		}
	}
	return nil
}

// clustersOf compares the clusters of a stream with the labels of its texts.
func clustersOf(config string, texts []labelled.Text) (*score.Partition, error) {
	said, err := apply("cluster", config, texts, "id")
	if err != nil {
		return nil, err
	}
	var p score.Partition
	for i := range texts {
		p.Add(texts[i].Label, said[i][0].Text())
	}
	return &p, nil
}
