// Package rss reads feeds: RSS, Atom and JSON Feed, from the web or from a file. An entry that is new or was changed becomes
// one event.
//
// Its promise: a feed, whoever wrote it, costs bounded memory and bounded time, and cannot make the hub's machine ask
// addresses of its own network.
package rss

import "github.com/pintle-hub/pintle/sdk"

// Program declares what the package offers. cmd/pintle bundles it.
func Program() sdk.Program {
	return sdk.Program{Name: "rss", Version: "0.1.0", Sources: []sdk.SourceSpec{Source()}}
}
