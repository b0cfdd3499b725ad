package config

import (
	"encoding/json"

	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/sdk"
)

// Plan is a checked configuration.
type Plan struct {
	// Dir is the folder of the configuration: relative paths in a plugin's settings are relative to it. Absolute.
	Dir      string
	Settings Settings
	Plugins  []Plugin
	// Blocks stand in the order of the files; disabled ones are left out.
	Sources, Analyzers, Sinks []*Block
	Pipelines                 []*Pipeline
}

// Plugin is a program that does not come with Pintle: plugin "name" { path = "./program" }.
type Plugin struct {
	Name string
	// Path is absolute.
	Path string
	Args []string
	// Env is the program's environment beyond the little it gets anyway. Values are secrets.
	Env map[string]string
	// Memory is how many bytes the program may hold with its children; 0 means host.Program's default.
	Memory sdk.Size
	// Digest is the SHA-256 of the file at Path when the program was asked what it offers, in hexadecimal; empty if it was not.
	Digest string
	File   string
	Line   int

	shownArgs any // Args, or "(sensitive)"
}

// Block is one source, analyzer or sink.
type Block struct {
	// Kind is KindSource, KindAnalyzer or KindSink.
	Kind       string
	Type, Name string
	// Program and Version are the sdk.Program that offers the type; Plugin is the name of the plugin block that names it, "" for
	// a built-in one.
	Program, Version, Plugin string
	// Config is JSON for sdk.DecodeConfig, secrets included. Never print it; Shown is for that.
	Config []byte
	// Shown is Config with "(sensitive)" in the place of secrets, and expressions as they are written.
	Shown json.RawMessage
	// PerEvent are the compiled per-event attributes, in the order of the schema and of the source.
	PerEvent []Attr
	// One of these is set, as Kind says.
	Source   *sdk.SourceSpec
	Analyzer *sdk.AnalyzerSpec
	Sink     *sdk.SinkSpec
	// Hash changes with everything that makes a running instance differ: type, program, configuration and expressions. Of a
	// plugin block's program also the file itself and how it is started.
	Hash string
	// StateHash changes with what makes the memory of an analyzer worthless: all that Hash does but the program's file and how it
	// is started. A newer version takes over the state of an older one.
	StateHash string
	File      string
	Line      int
}

// Kinds of blocks.
const (
	KindSource   = "source"
	KindAnalyzer = "analyzer"
	KindSink     = "sink"
)

// Attr is one per-event expression of a block. Name is what sdk.AttrName gives.
type Attr struct {
	Name string
	Expr *Expr
}

// Expr is a compiled per-event expression.
type Expr = expr.Expr

// Address returns how other blocks refer to this one: source.rss.blog.
func (b *Block) Address() string { return b.Kind + "." + b.Type + "." + b.Name }

// Pipeline connects sources through analyzers with sinks.
type Pipeline struct {
	Name          string
	From, Through []*Block
	Routes        []*Route
	// Hash changes with the connections and conditions, not with the configuration of the blocks.
	Hash string
	File string
	Line int
}

// Route sends what matches When to every sink in To.
type Route struct {
	Name string
	On   On
	// When is nil for a route that takes everything.
	When *Expr
	To   []*Block
	File string
	Line int
}

// On is what a route carries.
type On string

// A route carries events, or the insights that analyzers raise.
const (
	OnEvent   On = "event"
	OnInsight On = "insight"
)
