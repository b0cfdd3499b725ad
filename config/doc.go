// Package config turns HCL into a checked plan. It reads files, computes what is fixed at load, checks every block against
// the schema of the plugin that offers it, compiles per-event expressions and connects sources, analyzers and sinks into
// pipelines. It starts nothing and is the only place that knows HCL.
//
// Its promise: all mistakes are reported at once, each with its place and a way out, and no message, plan or hash shows a
// sensitive value.
package config
