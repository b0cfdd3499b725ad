package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/pintle-hub/pintle/plugins/file"
	"github.com/pintle-hub/pintle/plugins/generate"
	httpsink "github.com/pintle-hub/pintle/plugins/http"
	"github.com/pintle-hub/pintle/plugins/rss"
	sqlsink "github.com/pintle-hub/pintle/plugins/sql"
	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/plugins/webhook"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// pluginCommand is the hidden first argument with which the hub starts this program as a plugin.
const pluginCommand = "__plugin"

// ownProgram is the file of this process on Linux, whatever is at its path by now.
const ownProgram = "/proc/self/exe"

// bundled returns the programs that come with Pintle.
func bundled() []sdk.Program {
	return []sdk.Program{file.Program(), generate.Program(), httpsink.Program(), rss.Program(), sqlsink.Program(), text.Program(), webhook.Program()}
}

// servePlugin runs a bundled program as a plugin.
func servePlugin(name string) int {
	programs := bundled()
	i := slices.IndexFunc(programs, func(p sdk.Program) bool { return p.Name == name })
	if i < 0 {
		fmt.Fprintf(os.Stderr, "pintle: there is no bundled plugin %q\n", name)
		return exitEnvironment
	}
	return wire.Serve(programs[i])
}

// bundledCommand is the command line that runs a bundled program as a plugin: of this very program, where the system lets us
// name it, and not of a newer one that an upgrade has put in its place while the hub still runs.
func bundledCommand(program string) (path string, args []string) {
	self, err := os.Executable()
	if _, missing := os.Stat(ownProgram); missing == nil {
		self = ownProgram
	}
	if err != nil {
		self = os.Args[0]
	}
	return self, []string{pluginCommand, program}
}
