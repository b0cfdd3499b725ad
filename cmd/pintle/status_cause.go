package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// backPressure says why a block waits for the log, and what mends that: the disk, a stream that is full, or its share of it,
// and who keeps it full. "" when the block does not wait for a full log.
func (p *statusPage) backPressure(name string, r flow.Report) (cause, mend string) {
	switch {
	case !strings.Contains(r.Error, broker.ErrFull.Error()):
		return "", ""
	case strings.Contains(r.Error, "of disk are free"):
		return fmt.Sprintf("the disk is full: %s of %s free, and a part is kept in reserve", size(uint64(p.status.Log.DiskFree)),
			size(uint64(p.status.Log.DiskTotal))), "make room on the disk of " + p.dataDir
	}
	limit := "limits { events = ... }"
	stream := broker.Events
	if strings.HasPrefix(name, "pipeline ") {
		limit, stream = "limits { insights = ... }", broker.Insights
	}
	cause = p.fullStream(stream)
	if strings.Contains(r.Error, "leaves the rest to others") {
		cause = "it has filled its share of the log's " + streamName(stream)
	}
	mend = "raise pintle { " + limit + " } if that is too little"
	if slow := p.slowest(name); slow != "" {
		cause += ", because " + slow + " has not taken them yet"
		mend = "mend " + slow + ", or " + mend
	}
	return cause, mend
}

func (p *statusPage) fullStream(stream broker.Stream) string {
	for _, s := range p.status.Log.Streams {
		if s.Stream == stream {
			return fmt.Sprintf("the log's %s are full: %s of %s, and the next batch does not fit", streamName(stream), size(s.Bytes), size(uint64(s.MaxBytes)))
		}
	}
	return "the log's " + streamName(stream) + " are full"
}

// slowest names the sink that is furthest behind with what a source or pipeline brings: the one that is not well, if any.
func (p *statusPage) slowest(name string) string {
	var worst *hub.SinkStatus
	where := ""
	for _, x := range p.status.Pipelines {
		if "pipeline "+x.Name != name && !slices.Contains(x.From, name) {
			continue
		}
		for i := range x.Sinks {
			if k := &x.Sinks[i]; k.Behind > 0 && (worst == nil || k.Behind > worst.Behind) {
				worst, where = k, x.Name
			}
		}
	}
	if worst == nil {
		return ""
	}
	return fmt.Sprintf("%s in pipeline %s", worst.Address, where)
}
