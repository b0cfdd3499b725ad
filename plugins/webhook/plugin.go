// Package webhook takes in what other systems post: signed JSON over HTTP, one event or a list of them.
//
// Its promise: a sender is told yes only when the events are durable, and only a sender that knows the secret is listened to.
package webhook

import "github.com/pintle-hub/pintle/sdk"

// Program declares what the package offers. cmd/pintle bundles it.
func Program() sdk.Program {
	return sdk.Program{Name: "webhook", Version: "0.1.0", Sources: []sdk.SourceSpec{Source()}}
}
