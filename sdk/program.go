package sdk

import "context"

// Program is everything one plugin program offers. Give it to sdk/wire.Serve.
type Program struct {
	// Name names the program in logs and in plugin blocks; Version is semantic.
	Name, Version string
	Sources       []SourceSpec
	Analyzers     []AnalyzerSpec
	Sinks         []SinkSpec
}

// SourceSpec declares a source: source "<Type>" "name" {} in HCL. Make one with NewSource.
type SourceSpec struct {
	Type, Doc string
	Schema    Schema
	// Finite tells that Run returns nil at the end of what there is to read (under this configuration or another).
	Finite bool
	// Push marks a source whose channel cannot be read again: it uses Emit and answers the channel after it.
	Push bool
	// Open makes an instance from checked JSON.
	Open func(ctx context.Context, config []byte) (Source, error)
}

// AnalyzerSpec declares an analyzer. Make one with NewAnalyzer.
type AnalyzerSpec struct {
	Type, Doc string
	Schema    Schema
	// Adds declares every field the analyzer may add: event.<name>.<field>.
	Adds []Field
	// Emits tells that it may emit insights; Stateful that it implements Stateful.
	Emits, Stateful bool
	Open            func(ctx context.Context, config []byte) (Analyzer, error)
}

// Field is one field an analyzer adds.
type Field struct {
	Name string
	// Kind is Bool, Number, String or List (of strings).
	Kind Kind
	Doc  string
	// Values lists the only values of a string field, when there are few.
	Values []string
}

// SinkSpec declares a sink. Make one with NewSink.
type SinkSpec struct {
	Type, Doc string
	Schema    Schema
	// Idempotency says how a repeated event is told from a new one.
	Idempotency Idempotency
	// Stdout asks for the hub's standard output as file descriptor 3. Only bundled programs are given it.
	Stdout bool
	Open   func(ctx context.Context, config []byte) (Sink, error)
}

// Idempotency is how a sink treats an event that comes again after a crash.
type Idempotency string

// The classes of idempotency, from best to worst.
const (
	NativeKey Idempotency = "native" // the target takes our key: a repeat changes nothing
	HeaderKey Idempotency = "header" // the target remembers our key for a while
	LookFirst Idempotency = "lookup" // the sink looks for our key before it creates
	NoKey     Idempotency = "none"   // a repeat is seen twice
)

// NewSource declares a source of type typ whose configuration is the struct C.
func NewSource[C any](typ, doc string, open func(context.Context, C) (Source, error)) SourceSpec {
	return SourceSpec{Type: typ, Doc: doc, Schema: mustSchema[C](), Open: opener(open)}
}

// NewAnalyzer declares an analyzer of type typ that adds the given fields.
func NewAnalyzer[C any](typ, doc string, adds []Field, open func(context.Context, C) (Analyzer, error)) AnalyzerSpec {
	return AnalyzerSpec{Type: typ, Doc: doc, Adds: adds, Schema: mustSchema[C](), Open: opener(open)}
}

// NewSink declares a sink of type typ.
func NewSink[C any](typ, doc string, class Idempotency, open func(context.Context, C) (Sink, error)) SinkSpec {
	return SinkSpec{Type: typ, Doc: doc, Idempotency: class, Schema: mustSchema[C](), Open: opener(open)}
}

// mustSchema panics on a struct that cannot be a configuration: a bug in the plugin that its first run shows.
func mustSchema[C any]() Schema {
	var c C
	s, err := SchemaOf(c)
	if err != nil {
		panic("sdk: " + err.Error())
	}
	return s
}

func opener[C, T any](open func(context.Context, C) (T, error)) func(context.Context, []byte) (T, error) {
	return func(ctx context.Context, config []byte) (T, error) {
		var c C
		if err := DecodeConfig(config, &c); err != nil {
			var none T
			return none, Errorf(Invalid, "read configuration: %w", err)
		}
		return open(ctx, c)
	}
}
