package hub_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// deafProgram offers an analyzer and a sink that open, show that they live, and read nothing. It is served by serveDeaf.
func deafProgram() sdk.Program {
	analyzer := sdk.NewAnalyzer("deaf", "Reads nothing.", nil, func(context.Context, struct{}) (sdk.Analyzer, error) { return nil, nil })
	sink := sdk.NewSink("deaf", "Reads nothing.", sdk.NoKey, func(context.Context, struct{}) (sdk.Sink, error) { return nil, nil })
	return sdk.Program{Name: "deaf", Version: "1.0.0", Analyzers: []sdk.AnalyzerSpec{analyzer}, Sinks: []sdk.SinkSpec{sink}}
}

// serveDeaf shakes hands by itself and serves with the small windows that gRPC has where nobody widens them: what it does not
// read stays with the hub.
func serveDeaf() int {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "d")
	l, err := net.Listen("unix", path)
	if err != nil {
		return 1
	}
	s := grpc.NewServer(grpc.InitialWindowSize(64<<10), grpc.InitialConnWindowSize(64<<10))
	pb.RegisterPluginServer(s, deaf{})
	ready := health.NewServer()
	ready.SetServingStatus("plugin", grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(s, ready)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		leave(1)
	}()
	fmt.Printf("1|1|unix|%s|grpc|\n", path)
	_ = s.Serve(l)
	return 0
}

type deaf struct{ pb.UnimplementedPluginServer }

func (deaf) Run(stream pb.Plugin_RunServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	err := stream.Send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}})
	for ; err == nil; err = stream.Send(&pb.FromPlugin{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}) {
		select {
		case <-stream.Context().Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	return err
}

// A plugin that takes nothing any more, while it shows that it lives, is found out when a batch is due, and stops nothing: not
// the other pipelines, and not the hub when it is to end. // promise 5
func TestAPluginThatReadsNothingHoldsNobody(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"analyzer", "sink"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			more := fmt.Sprintf("hex = %q", strings.Repeat("61", 2000)) // so that a batch is more than the window
			hcl := settings + block("source", "numbers", "a", "count = 2000", more) + ledgerBlock(dir, "good") +
				block("analyzer", "tally", "t") + pipe("good", "source.numbers.a", "analyzer.tally.t", "sink.ledger.good") + block(kind, "deaf", "bad")
			if kind == "sink" {
				hcl += pipe("bad", "source.numbers.a", "", "sink.deaf.bad")
			} else {
				hcl += block("sink", "ledger", "bad", fmt.Sprintf("path = %q", filepath.Join(dir, "bad"))) +
					pipe("bad", "source.numbers.a", "analyzer.deaf.bad", "sink.ledger.bad")
			}
			o := options(t, load(t, dir, hcl))
			o.UntilIdle, o.WorkTimeout, o.Drain = false, time.Second, time.Second
			h, stop := backgroundUntil(t, o)
			await(t, "the good pipeline to be done", func() bool { return pipelineBooks(h, "good").Delivered == 2000 })
			await(t, "the deaf one to be told", func() bool {
				told := fmt.Sprint(complaints(h, "bad"))
				return strings.Contains(told, "takes nothing any more") || strings.Contains(told, "no answer in time")
			})
			if b := pipelineBooks(h, "bad"); b.Delivered != 0 || b.Dead != 0 || !b.Balanced() {
				t.Errorf("books %+v", b)
			}
			began := time.Now()
			stop()
			if took := time.Since(began); took > 14*time.Second {
				t.Errorf("the stop took %s, as long as what is to end a hub that hangs", took)
			}
			await(t, "all processes to be gone", func() bool { return len(alive(t, dir)) == 0 })
		})
	}
}
