package wire

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxComponents bounds what a stranger's program may declare, maxDescription the bytes that says it.
const (
	maxComponents  = 256
	maxDescription = 4 << 20
)

// Describe asks the program behind conn what it offers. The specs have no Open: they are for config, docs and completion.
func Describe(ctx context.Context, conn grpc.ClientConnInterface) (sdk.Program, error) {
	resp, err := pb.NewPluginClient(conn).Describe(ctx, &pb.DescribeRequest{}, grpc.MaxCallRecvMsgSize(maxDescription))
	if err != nil {
		return sdk.Program{}, fromStatus("describe", err)
	}
	if len(resp.Components) > maxComponents {
		return sdk.Program{}, sdk.Errorf(sdk.Invalid, "describe: the program declares %d components, at most %d are allowed", len(resp.Components), maxComponents)
	}
	p := sdk.Program{Name: plain(resp.Name, maxFieldText), Version: plain(resp.Version, maxFieldText)}
	type kindType struct {
		kind pb.Kind
		typ  string
	}
	seen := make(map[kindType]bool)
	for _, c := range resp.Components {
		if err := addComponent(&p, c); err != nil {
			return sdk.Program{}, err
		}
		k := kindType{c.Kind, c.Type}
		if seen[k] {
			return sdk.Program{}, sdk.Errorf(sdk.Invalid, "describe: the program declares %q twice", plain(c.Type, maxFieldText))
		}
		seen[k] = true
	}
	return p, nil
}

func addComponent(p *sdk.Program, c *pb.Component) error {
	schema := fromSchema(c.Schema)
	if strings.IndexFunc(c.Type, disturbs) >= 0 {
		return sdk.Errorf(sdk.Invalid, "describe: %q is no name for a component", plain(c.Type, maxFieldText))
	}
	c.Doc = prose(c.Doc)
	switch c.Kind {
	case pb.Kind_KIND_SOURCE:
		p.Sources = append(p.Sources, sdk.SourceSpec{Type: c.Type, Doc: c.Doc, Schema: schema, Finite: c.Finite, Push: c.Push})
	case pb.Kind_KIND_ANALYZER:
		p.Analyzers = append(p.Analyzers, sdk.AnalyzerSpec{Type: c.Type, Doc: c.Doc, Schema: schema, Adds: fromFields(c.Adds),
			Emits: c.Emits, Stateful: c.Stateful})
	case pb.Kind_KIND_SINK:
		p.Sinks = append(p.Sinks, sdk.SinkSpec{Type: c.Type, Doc: c.Doc, Schema: schema,
			Idempotency: sdk.Idempotency(c.Idempotency), Stdout: c.Stdout})
	default:
		return sdk.Errorf(sdk.Invalid, "describe: component %q is of unknown kind %v", plain(c.Type, maxFieldText), c.Kind)
	}
	return nil
}

func (s *server) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	p := s.program
	resp := &pb.DescribeResponse{Name: p.Name, Version: p.Version}
	for _, c := range p.Sources {
		resp.Components = append(resp.Components, &pb.Component{Kind: pb.Kind_KIND_SOURCE, Type: c.Type, Doc: c.Doc,
			Schema: toSchema(c.Schema), Finite: c.Finite, Push: c.Push})
	}
	for _, c := range p.Analyzers {
		resp.Components = append(resp.Components, &pb.Component{Kind: pb.Kind_KIND_ANALYZER, Type: c.Type, Doc: c.Doc,
			Schema: toSchema(c.Schema), Adds: toFields(c.Adds), Emits: c.Emits, Stateful: c.Stateful})
	}
	for _, c := range p.Sinks {
		resp.Components = append(resp.Components, &pb.Component{Kind: pb.Kind_KIND_SINK, Type: c.Type, Doc: c.Doc,
			Schema: toSchema(c.Schema), Idempotency: string(c.Idempotency), Stdout: c.Stdout})
	}
	return resp, nil
}

func toFields(fields []sdk.Field) []*pb.Field {
	out := make([]*pb.Field, len(fields))
	for i, f := range fields {
		out[i] = &pb.Field{Name: f.Name, Kind: uint32(f.Kind), Doc: f.Doc, Values: f.Values}
	}
	return out
}

func fromFields(fields []*pb.Field) []sdk.Field {
	out := make([]sdk.Field, len(fields))
	for i, f := range fields {
		out[i] = sdk.Field{Name: f.Name, Kind: sdk.Kind(f.Kind), Doc: prose(f.Doc), Values: f.Values}
	}
	return out
}

func toSchema(s sdk.Schema) *pb.Schema {
	out := &pb.Schema{}
	for _, a := range s.Attributes {
		out.Attributes = append(out.Attributes, &pb.Attribute{Name: a.Name, Type: string(a.Type), Doc: a.Doc, Default: a.Default,
			Enum: a.Enum, Min: a.Min, Max: a.Max, Required: a.Required, Sensitive: a.Sensitive, PerEvent: a.PerEvent, Deprecated: a.Deprecated})
	}
	for _, b := range s.Blocks {
		out.Blocks = append(out.Blocks, &pb.Block{Name: b.Name, Label: b.Label, Doc: b.Doc, Min: uint32(b.Min), Max: uint32(b.Max),
			Schema: toSchema(b.Schema)})
	}
	return out
}

func fromSchema(s *pb.Schema) sdk.Schema {
	var out sdk.Schema
	for _, a := range s.GetAttributes() {
		out.Attributes = append(out.Attributes, sdk.Attribute{Name: a.Name, Type: sdk.AttributeType(a.Type), Doc: prose(a.Doc), Default: a.Default,
			Enum: a.Enum, Min: a.Min, Max: a.Max, Required: a.Required, Sensitive: a.Sensitive, PerEvent: a.PerEvent, Deprecated: a.Deprecated})
	}
	for _, b := range s.GetBlocks() {
		out.Blocks = append(out.Blocks, sdk.NestedBlock{Name: b.Name, Label: b.Label, Doc: prose(b.Doc), Min: int(b.Min), Max: int(b.Max),
			Schema: fromSchema(b.Schema)})
	}
	return out
}

// find returns the spec that open asks for.
func find[S any](specs []S, typ string, typeOf func(S) string) (S, error) {
	for _, s := range specs {
		if typeOf(s) == typ {
			return s, nil
		}
	}
	var none S
	return none, sdk.Errorf(sdk.NotFound, "this program has no component of type %q", typ)
}

func protocolError(format string, args ...any) error {
	return sdk.Errorf(sdk.Internal, "the plugin broke the protocol: %s", plain(fmt.Sprintf(format, args...), maxMessage))
}
