// Package file reads feedback from files and writes events to files and to the terminal. Source "file" takes JSON lines, CSV
// and plain lines, once or as they grow; sinks "file" and "stdout" write JSON lines or text.
//
// Its promise: an entry that cannot be read becomes a rejection with its file and line, never a gap, and a source that was
// killed goes on at the very byte.
package file

import "github.com/pintle-hub/pintle/sdk"

// Program declares what the package offers. cmd/pintle bundles it.
func Program() sdk.Program {
	return sdk.Program{
		Name: "file", Version: "0.1.0",
		Sources: []sdk.SourceSpec{Source()},
		Sinks:   []sdk.SinkSpec{Sink(), Stdout()},
	}
}
