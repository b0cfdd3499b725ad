// Package flow moves batches: from a source into the log, from the log through analyzers and routes back into the log, and
// from there into sinks. Each of the three is a loop with a blocking Run; core/hub owns the goroutines.
//
// It starts no process itself (core/hub hands it launchers), knows nothing of HCL, and keeps no state that the log does not
// have: what a loop was doing when it died follows from the last message it wrote.
//
// Its promise: a source hears "stored" only after the log has the batch, a step of analysis and its checkpoint are one
// message, and a sink's event is forgotten only after the sink or the dead letters have it. // promises 1, 2, 4
package flow
