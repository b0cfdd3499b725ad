package config

import "github.com/pintle-hub/pintle/config/static"

// LoadSettings reads no more than what pintle { ... } says, so that a command finds the hub of a configuration whose other
// blocks have mistakes or whose plugins are not at hand. What is wrong elsewhere is not reported.
func LoadSettings(o Options) (Settings, Diagnostics) {
	l := newLoader(o)
	root, ok := l.readAll()
	if !ok {
		return Settings{}, l.diagnostics()
	}
	l.eval = static.New(static.Options{Dir: l.dir, Environ: l.options.Environ})
	l.loadVariables(root.variables)
	l.loadLocals(root.locals)
	l.diags = nil
	return l.settings(root.settings), l.diagnostics()
}
