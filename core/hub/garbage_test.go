package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

type garbageConfig struct {
	Mode string `pintle:"mode,required"`
}

// garbageProgram offers components that break the contract, each as its mode says. It is served by serveGarbage.
func garbageProgram() sdk.Program {
	source := sdk.NewSource("garble", "Emits garbage.", func(context.Context, garbageConfig) (sdk.Source, error) { return nil, nil })
	analyzer := sdk.NewAnalyzer("garble", "Adds garbage.", nil, func(context.Context, garbageConfig) (sdk.Analyzer, error) { return nil, nil })
	sink := sdk.NewSink("garble", "Answers garbage.", sdk.NoKey, func(context.Context, garbageConfig) (sdk.Sink, error) { return nil, nil })
	return sdk.Program{Name: "garbage", Version: "1.0.0", Sources: []sdk.SourceSpec{source}, Analyzers: []sdk.AnalyzerSpec{analyzer},
		Sinks: []sdk.SinkSpec{sink}}
}

func serveGarbage() int {
	err := wire.ServeProcess(func(s *grpc.Server) { pb.RegisterPluginServer(s, garbage{}) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type garbage struct{ pb.UnimplementedPluginServer }

// Run answers every frame of the hub with the mode's garbage.
func (garbage) Run(stream pb.Plugin_RunServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	open := first.GetOpen()
	var c garbageConfig
	if err := json.Unmarshal(open.Instances[0].Config, &c); err != nil {
		return err
	}
	if err := stream.Send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}}); err != nil {
		return err
	}
	for id := uint64(1); ; id++ {
		in, err := stream.Recv()
		if err != nil {
			return err
		}
		if w := in.GetWork(); w != nil {
			id = w.Id
		}
		for _, f := range garble(c.Mode, open.Epoch, id) {
			if err := stream.Send(f); err != nil {
				return err
			}
		}
	}
}

func garble(mode string, epoch, id uint64) []*pb.FromPlugin {
	emit := func(id, epoch uint64, records string) *pb.FromPlugin {
		return &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: &pb.Emit{Id: id, Epoch: epoch, Records: []byte(records)}}}
	}
	answer := func(a *pb.Answer) *pb.FromPlugin {
		a.Epoch = epoch
		return &pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: a}}
	}
	switch mode {
	case "bytes": // of a source: not a batch
		return []*pb.FromPlugin{emit(id, epoch, strings.Repeat("\xff\x07garbage", 1000))}
	case "flood": // more than it was given credit for
		return []*pb.FromPlugin{emit(1, epoch, ""), emit(2, epoch, ""), emit(3, epoch, ""), emit(900, epoch, "")}
	case "huge": // above what the hub receives
		return []*pb.FromPlugin{emit(id, epoch, strings.Repeat("x", 17<<20))}
	case "done": // of a source that has said that it has no end
		return []*pb.FromPlugin{{Frame: &pb.FromPlugin_Done{Done: &pb.Done{}}}}
	case "old": // of a generation before
		return []*pb.FromPlugin{emit(id, epoch-1, "")}
	case "additions":
		return []*pb.FromPlugin{answer(&pb.Answer{Id: id, Additions: [][]byte{[]byte("\xff\x07garbage")}})}
	case "too many":
		return []*pb.FromPlugin{answer(&pb.Answer{Id: id, Additions: make([][]byte, 99)})}
	case "unasked":
		return []*pb.FromPlugin{answer(&pb.Answer{Id: id + 7})}
	case "other event":
		return []*pb.FromPlugin{answer(&pb.Answer{Id: id, Results: []*pb.Result{{Event: 1 << 20}}})}
	case "other outcome":
		return []*pb.FromPlugin{answer(&pb.Answer{Id: id, Results: []*pb.Result{{Event: 0, Outcome: 99}}})}
	case "other frame":
		return []*pb.FromPlugin{emit(id, epoch, "")}
	}
	return nil
}

// Beside plugins that answer garbage everything else goes on, and nothing of theirs is believed. // promise 5
func TestGarbageIsNotBelieved(t *testing.T) {
	for kind, modes := range map[string][]string{
		"source":   {"bytes", "flood", "huge", "old", "done"},
		"analyzer": {"additions", "too many", "unasked", "other frame"},
		"sink":     {"other event", "other outcome", "unasked", "other frame"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			hcl := settings + block("source", "numbers", "a", "count = 2000") + block("analyzer", "tally", "t") + ledgerBlock(dir, "good") +
				pipe("good", "source.numbers.a", "analyzer.tally.t", "sink.ledger.good")
			for i, mode := range modes {
				hcl += garbled(dir, kind, mode, i)
			}
			h, stop := staying(t, dir, hcl)
			await(t, "the good pipeline to be done", func() bool { return pipelineBooks(h, "good").Delivered == 2000 })
			for i, mode := range modes {
				name := fmt.Sprintf("bad%d", i)
				await(t, mode+" to be told", func() bool { return len(complaints(h, name)) > 0 })
				if b := pipelineBooks(h, name); b.Delivered != 0 || b.Dead != 0 || b.Dropped != 0 || !b.Balanced() || kind == "source" && b.Accepted != 0 {
					t.Errorf("%s: books %+v", mode, b)
				}
				t.Logf("%s: %v", mode, complaints(h, name))
			}
			stop()
			checkTally(t, ledgerLines(t, filepath.Join(dir, "good")), 2000)
			await(t, "all processes to be gone", func() bool { return len(alive(t, dir)) == 0 })
		})
	}
}

func ledgerBlock(dir, name string) string {
	return block("sink", "ledger", name, fmt.Sprintf("path = %q", filepath.Join(dir, name)), "note = event.t.n")
}

// garbled is a pipeline of which the source, the analyzer or the sink answers garbage.
func garbled(dir, kind, mode string, i int) string {
	name := fmt.Sprintf("bad%d", i)
	bad := block(kind, "garble", name, fmt.Sprintf("mode = %q", mode))
	from, through, to := "source.numbers.a", "", "sink.ledger."+name
	switch kind {
	case "source":
		from = "source.garble." + name
	case "analyzer":
		through = "analyzer.garble." + name
	case "sink":
		return bad + pipe(name, from, through, "sink.garble."+name)
	}
	sink := block("sink", "ledger", name, fmt.Sprintf("path = %q", filepath.Join(dir, name)))
	return bad + sink + pipe(name, from, through, to)
}

func pipelineBooks(h *hub.Hub, name string) hub.Books {
	for _, p := range h.Status(context.Background()).Pipelines {
		if p.Name == name {
			return p.Books
		}
	}
	return hub.Books{}
}

// complaints are the errors of the parts whose name ends so, and of the pipeline of that name.
func complaints(h *hub.Hub, name string) (errs []string) {
	s := h.Status(context.Background())
	add := func(address string, r flow.Report) {
		if strings.HasSuffix(address, name) && r.Error != "" {
			errs = append(errs, r.Error)
		}
	}
	for _, x := range s.Sources {
		add(x.Address, x.Report)
	}
	for _, p := range s.Pipelines {
		add(p.Name, p.Report)
		for _, x := range p.Sinks {
			add(x.Address, x.Report)
		}
	}
	return errs
}
