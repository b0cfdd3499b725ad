package zoo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// limit is above all that the hub takes.
const limit = 256 << 20

// serve shakes hands and serves until the hub says stop.
func (a *animal) serve() error {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "z")
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	// A small window, as libraries of other languages have: a plugin that does not read is felt soon.
	s := grpc.NewServer(grpc.MaxRecvMsgSize(limit), grpc.MaxSendMsgSize(limit), grpc.InitialWindowSize(64<<10), grpc.InitialConnWindowSize(64<<10))
	pb.RegisterPluginServer(s, a)
	ready := health.NewServer()
	ready.SetServingStatus("plugin", grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(s, ready)
	s.RegisterService(a.controller(s), nil)
	go a.lifeline()
	fmt.Printf("1|1|unix|%s|grpc|\n", path)
	return s.Serve(l)
}

// lifeline ends the process when the hub is gone.
func (a *animal) lifeline() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	if !a.is("undying") { // then only the kernel helps
		os.Exit(1)
	}
}

// controller is go-plugin's service by which a hub asks for the end.
func (a *animal) controller(s *grpc.Server) *grpc.ServiceDesc {
	shutdown := func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		if !a.is("undying") {
			go s.Stop()
		}
		return &emptypb.Empty{}, decode(&emptypb.Empty{})
	}
	return &grpc.ServiceDesc{ServiceName: "plugin.GRPCController", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Shutdown", Handler: shutdown}}}
}

// Describe implements pb.PluginServer.
func (a *animal) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	schema := &pb.Schema{Attributes: []*pb.Attribute{
		{Name: "rate", Type: "number", Doc: "Events a second."},
		{Name: "out", Type: "string", Doc: "File for what the sink gets."}}}
	return &pb.DescribeResponse{Name: a.name, Version: "1.0.0", Components: []*pb.Component{
		{Kind: pb.Kind_KIND_SOURCE, Type: a.name, Doc: "Emits numbered events.", Schema: schema},
		{Kind: pb.Kind_KIND_ANALYZER, Type: a.name, Doc: "Adds a number.", Schema: schema, Emits: true, Stateful: strings.HasPrefix(a.name, "no_snapshot"),
			Adds: []*pb.Field{{Name: "n", Kind: 2}, {Name: "word", Kind: 3}}},
		{Kind: pb.Kind_KIND_SINK, Type: a.name, Doc: "Writes what it gets.", Schema: schema, Idempotency: "none"}}}, nil
}

// stream is one instance. Frames are sent from several goroutines.
type stream struct {
	pb.Plugin_RunServer
	*animal
	open *pb.Open
	mu   sync.Mutex // guards Send
}

func (s *stream) send(f *pb.FromPlugin) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Send(f)
}

// Run implements pb.PluginServer.
func (a *animal) Run(raw pb.Plugin_RunServer) error {
	first, err := raw.Recv()
	if err != nil {
		return err
	}
	s := &stream{Plugin_RunServer: raw, animal: a, open: first.GetOpen()}
	if s.open == nil {
		return errors.New("no open")
	}
	ctx, cancel := context.WithCancel(raw.Context())
	defer cancel()
	go s.beat(ctx)
	a.while("hangs-opening")
	if err := s.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}}); err != nil {
		return err
	}
	switch s.open.Kind {
	case pb.Kind_KIND_SOURCE:
		err = s.source()
	case pb.Kind_KIND_ANALYZER:
		err = s.work(s.analyze)
	default:
		err = s.work(s.write)
	}
	a.while("hangs-closing")
	a.while("undying")
	return err
}

// beat sends heartbeats, whatever else the animal does.
func (s *stream) beat(ctx context.Context) {
	for ctx.Err() == nil {
		if s.send(heartbeat()) != nil {
			return
		}
		if !s.is("chatter") {
			time.Sleep(time.Second)
			continue
		}
		for range 10_000 {
			if s.send(heartbeat()) != nil {
				return
			}
		}
	}
}

func heartbeat() *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}
}
