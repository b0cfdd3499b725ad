package wire_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

type deepConfig struct {
	URL    string            `pintle:"url,required" doc:"Where."`
	Every  time.Duration     `pintle:"every" default:"5m" min:"1s" max:"2w" doc:"How often."`
	Size   sdk.Size          `pintle:"size" default:"1MiB" min:"0"`
	Mode   string            `pintle:"mode" enum:"fast,safe" default:"safe" deprecated:"use speed"`
	Token  sdk.Secret        `pintle:"token"`
	Labels map[string]string `pintle:"tags"`
	List   []string          `pintle:"list"`
	Body   sdk.PerEvent      `pintle:"body,required"`
	Group  sdk.PerEventList  `pintle:"group_by"`
	Map    sdk.PerEventMap   `pintle:"fields"`
	Rules  []struct {
		Name string `pintle:"name,label"`
		Deep *struct {
			N float64 `pintle:"n" min:"-1.5" max:"0"`
			B bool    `pintle:"b" default:"true"`
		} `pintle:"deep,block"`
	} `pintle:"rule,block" doc:"Rules." min:"1"`
}

func wholeProgram() sdk.Program {
	source := sdk.NewSource("s", "A source.", func(context.Context, deepConfig) (sdk.Source, error) { return nil, nil })
	source.Finite, source.Push = true, true
	plain := sdk.NewSource("plain", "", func(context.Context, struct{}) (sdk.Source, error) { return nil, nil })
	analyzer := sdk.NewAnalyzer("a", "An analyzer.", []sdk.Field{{Name: "label", Kind: sdk.String, Doc: "D.", Values: []string{"x", "y"}},
		{Name: "words", Kind: sdk.List}}, func(context.Context, deepConfig) (sdk.Analyzer, error) { return nil, nil })
	analyzer.Emits, analyzer.Stateful = true, true
	sink := sdk.NewSink("k", "A sink.", sdk.LookFirst, func(context.Context, deepConfig) (sdk.Sink, error) { return nil, nil })
	sink.Stdout = true
	return sdk.Program{Name: "acme", Version: "1.2.3", Sources: []sdk.SourceSpec{source, plain}, Analyzers: []sdk.AnalyzerSpec{analyzer}, Sinks: []sdk.SinkSpec{sink}}
}

func TestDescribeTellsAll(t *testing.T) {
	want := wholeProgram()
	bubble(t, wire.Register(want), func(t *testing.T, conn *grpc.ClientConn) {
		got, err := wire.Describe(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		ignoreOpen := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(sdk.SourceSpec{}, "Open"),
			cmpopts.IgnoreFields(sdk.AnalyzerSpec{}, "Open"), cmpopts.IgnoreFields(sdk.SinkSpec{}, "Open")}
		if diff := cmp.Diff(want, got, ignoreOpen...); diff != "" {
			t.Errorf("(-declared +described):\n%s", diff)
		}
	})
}

func TestDescribeRefuses(t *testing.T) {
	many := &pb.DescribeResponse{}
	for i := range 257 {
		many.Components = append(many.Components, &pb.Component{Kind: pb.Kind_KIND_SINK, Type: fmt.Sprint(i)})
	}
	long := strings.Repeat("x", 1<<20)
	tests := []struct {
		name string
		in   *pb.DescribeResponse
		says string
	}{
		{"too many components", many, "257"},
		{"an unknown kind", &pb.DescribeResponse{Components: []*pb.Component{{Kind: 9, Type: "t"}}}, "unknown kind"},
		{"no kind, under a long name", &pb.DescribeResponse{Components: []*pb.Component{{Type: long}}}, "unknown kind"},
		{"a name that colours the terminal", &pb.DescribeResponse{Components: []*pb.Component{{Kind: pb.Kind_KIND_SINK, Type: "t\x1b[31m"}}}, "no name"},
		{"one type twice", &pb.DescribeResponse{Components: []*pb.Component{{Kind: pb.Kind_KIND_SINK, Type: "t"}, {Kind: pb.Kind_KIND_SINK, Type: "t"}}}, "twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(s *grpc.Server) { pb.RegisterPluginServer(s, &rogueServer{describe: tt.in}) }, func(t *testing.T, conn *grpc.ClientConn) {
				_, err := wire.Describe(t.Context(), conn)
				wantCode(t, err, sdk.Invalid, tt.says)
				if err != nil && len(err.Error()) > 5<<10 {
					t.Errorf("the error has %d bytes", len(err.Error()))
				}
			})
		})
	}
	loud := &pb.DescribeResponse{Name: "n\x1b[31m", Version: "1\r", Components: []*pb.Component{{Kind: pb.Kind_KIND_SINK, Type: "t", Doc: "one\x07\ntwo"}}}
	bubble(t, func(s *grpc.Server) { pb.RegisterPluginServer(s, &rogueServer{describe: loud}) }, func(t *testing.T, conn *grpc.ClientConn) {
		if p, err := wire.Describe(t.Context(), conn); err != nil || p.Name != "n[31m" || p.Version != "1" || p.Sinks[0].Doc != "one\ntwo" {
			t.Errorf("a program with a loud name: %+v, %v", p, err)
		}
	})
	twoKinds := &pb.DescribeResponse{Components: []*pb.Component{{Kind: pb.Kind_KIND_SOURCE, Type: "t"}, {Kind: pb.Kind_KIND_SINK, Type: "t"}, {Kind: pb.Kind_KIND_ANALYZER}}}
	bubble(t, func(s *grpc.Server) { pb.RegisterPluginServer(s, &rogueServer{describe: twoKinds}) }, func(t *testing.T, conn *grpc.ClientConn) {
		if p, err := wire.Describe(t.Context(), conn); err != nil || len(p.Sources) != 1 || len(p.Sinks) != 1 || len(p.Analyzers) != 1 {
			t.Errorf("one name for a source and a sink, and a component without schema: %+v, %v", p, err)
		}
	})
}
