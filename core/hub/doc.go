// Package hub makes a checked plan run: it opens the log and the plugin host, builds the loops of package flow, starts them,
// exchanges what a new plan changes, and says how everything is doing. It owns every goroutine of the flow.
//
// Its promise: a plan that does not work never replaces one that does, and what did not change is not touched. // promise 7
package hub
