// Package httpsink hands each event to an HTTP endpoint: the sink "http".
//
// It sends one request an event and reads the answer by its status alone. What a server writes back may repeat what a customer
// said, so none of it gets into results or logs. Its promises: events of one key arrive in order, and no address inside the
// network is reached unless the configuration allows it.
package httpsink

import "github.com/pintle-hub/pintle/sdk"

// Program is the plugin program "http".
func Program() sdk.Program {
	return sdk.Program{Name: "http", Version: "0.1.0", Sinks: []sdk.SinkSpec{
		sdk.NewSink("http", "Sends each event as an HTTP request.", sdk.HeaderKey, open),
	}}
}
