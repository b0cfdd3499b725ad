package config_test

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// The programs below have the schemas of real plugins; nothing is ever opened.

type fileSource struct {
	Path   string            `pintle:"path,required" doc:"The file to read."`
	Format string            `pintle:"format" enum:"jsonl,csv,lines" doc:"How the file is written."`
	Fields map[string]string `pintle:"fields" doc:"Which column holds what."`
	Follow bool              `pintle:"follow" doc:"Go on reading what is appended."`
}

type rssSource struct {
	URL   string        `pintle:"url" doc:"Address of the feed."`
	File  string        `pintle:"file" doc:"A feed in a file."`
	Every time.Duration `pintle:"every" default:"5m" min:"1s" max:"7d" doc:"Pause between two reads."`
	Limit int           `pintle:"limit" min:"1" max:"1000" default:"100" doc:"Entries a read."`
	Feed  string        `pintle:"feed" deprecated:"use url"`
}

type webhookSource struct {
	Path   string     `pintle:"path,required" doc:"Where the channel posts to."`
	Secret sdk.Secret `pintle:"secret,required" doc:"Signs what is posted."`
	Max    sdk.Size   `pintle:"max_body" default:"1MiB" min:"1KiB" max:"16MiB" doc:"Largest body."`
	TLS    *tls       `pintle:"tls,block" doc:"Certificates."`
}

type tls struct {
	Cert string     `pintle:"cert,required" doc:"Certificate in PEM."`
	Key  sdk.Secret `pintle:"key,required" doc:"Key in PEM."`
}

type keywords struct {
	Rules []rule `pintle:"rule,block" min:"1" doc:"What to look for."`
}

type rule struct {
	Name    string   `pintle:"name,label"`
	Phrases []string `pintle:"phrases" doc:"Whole words."`
	Regexps []string `pintle:"patterns" doc:"RE2 expressions."`
	Weight  float64  `pintle:"weight" min:"0" max:"1" doc:"How much it counts."`
}

type trend struct {
	GroupBy sdk.PerEventList `pintle:"group_by,required" doc:"What makes a group."`
	When    sdk.PerEvent     `pintle:"when" doc:"Which events count."`
	Window  time.Duration    `pintle:"window" default:"14d" doc:"How long events count."`
	Pattern int              `pintle:"pattern" default:"2" min:"2" doc:"People that make a pattern."`
	Trend   int              `pintle:"trend" default:"3" min:"2" doc:"People that make a trend."`
}

type sqlSink struct {
	Driver  string          `pintle:"driver,required" enum:"sqlite,postgres" doc:"Which database."`
	DSN     sdk.Secret      `pintle:"dsn,required" doc:"Where it is."`
	Table   string          `pintle:"table,required" doc:"Table to write to."`
	Key     string          `pintle:"key" doc:"Column of the key."`
	Columns sdk.PerEventMap `pintle:"columns" doc:"What goes into which column."`
}

type stdoutSink struct {
	Format string       `pintle:"format" enum:"text,json" default:"text" doc:"How to write."`
	Text   sdk.PerEvent `pintle:"text" doc:"What to write."`
}

type httpSink struct {
	URL     string            `pintle:"url,required" doc:"Where to post to."`
	Headers map[string]string `pintle:"headers,sensitive" doc:"Headers of the request."`
	Body    sdk.PerEvent      `pintle:"body" doc:"What to post."`
}

type crmSink struct {
	URL   string           `pintle:"url,required" doc:"Address of the system."`
	Token sdk.Secret       `pintle:"token,required" doc:"Who we are."`
	Title sdk.PerEvent     `pintle:"title" doc:"Title of the case."`
	Tags  sdk.PerEventList `pintle:"tags" doc:"Tags of the case."`
	Hosts []string         `pintle:"hosts" min:"1" max:"3" doc:"Where to try."`
}

func source[C any](typ string) sdk.SourceSpec {
	return sdk.NewSource(typ, "", func(context.Context, C) (sdk.Source, error) { return nil, nil })
}

func analyzer[C any](typ string, adds ...sdk.Field) sdk.AnalyzerSpec {
	return sdk.NewAnalyzer(typ, "", adds, func(context.Context, C) (sdk.Analyzer, error) { return nil, nil })
}

func sink[C any](typ string) sdk.SinkSpec {
	return sdk.NewSink(typ, "", sdk.NativeKey, func(context.Context, C) (sdk.Sink, error) { return nil, nil })
}

func programs() []sdk.Program {
	trends := analyzer[trend]("trend")
	trends.Emits, trends.Stateful = true, true
	return []sdk.Program{
		{Name: "file", Version: "0.1.0", Sources: []sdk.SourceSpec{source[fileSource]("file")}, Sinks: []sdk.SinkSpec{sink[stdoutSink]("stdout")}},
		{Name: "web", Version: "0.1.0", Sources: []sdk.SourceSpec{source[rssSource]("rss"), source[webhookSource]("webhook")}},
		{Name: "text", Version: "0.2.0", Analyzers: []sdk.AnalyzerSpec{
			analyzer[struct{}]("language", sdk.Field{Name: "code", Kind: sdk.String}, sdk.Field{Name: "confidence", Kind: sdk.Number}),
			analyzer[struct{}]("sentiment", sdk.Field{Name: "label", Kind: sdk.String, Values: []string{"negative", "neutral", "positive"}},
				sdk.Field{Name: "score", Kind: sdk.Number}, sdk.Field{Name: "sure", Kind: sdk.Bool}),
			analyzer[keywords]("keywords", sdk.Field{Name: "label", Kind: sdk.String}, sdk.Field{Name: "labels", Kind: sdk.List}),
			trends,
		}},
		{Name: "sql", Version: "0.1.0", Sinks: []sdk.SinkSpec{sink[sqlSink]("sql")}},
		{Name: "crm", Version: "1.0.0", Sinks: []sdk.SinkSpec{sink[crmSink]("crm"), sink[httpSink]("http")}},
	}
}
