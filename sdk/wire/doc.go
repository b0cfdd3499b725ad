// Package wire carries the contract of package sdk over gRPC: Serve is the plugin's half, Describe and the sessions are the
// hub's half. It is the only importer of the generated code and it starts no process; core/host does that.
//
// Its promise: nothing that arrives from the other side is believed. Ids must be the ones that were given out, epochs must be
// the current one, counts and sizes are bounded, and a panic in a plugin's code becomes an error with its stack.
package wire
