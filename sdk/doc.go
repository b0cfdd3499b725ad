// Package sdk is the contract between Pintle and its plugins: events, batches, the three verbs (source, analyzer, sink),
// the configuration schema and the errors. A plugin author needs this package and one call of sdk/wire.Serve.
//
// It imports the standard library only and starts nothing: how a call crosses a process is the business of sdk/wire.
// Its promise: what a plugin sees was checked first. Configuration was checked against the plugin's own schema, batches
// against their checksum and bounds.
package sdk
