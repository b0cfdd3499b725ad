package config

import (
	"encoding/json"
	"slices"
)

const sensitive = "(sensitive)"

// String keeps a block's configuration out of logs.
func (b *Block) String() string { return b.Address() }

// GoString does the same for %#v.
func (b *Block) GoString() string { return b.Address() }

// MarshalJSON shows the block without its secrets.
func (b *Block) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"address": b.Address(), "program": b.Program, "version": b.Version, "plugin": b.Plugin, "config": b.Shown, "hash": b.Hash,
		"file": b.File, "line": b.Line,
	})
}

// String keeps a plugin's environment out of logs.
func (p Plugin) String() string { return "plugin." + p.Name }

// GoString does the same for %#v.
func (p Plugin) GoString() string { return p.String() }

// MarshalJSON shows the plugin without the values of its environment.
func (p Plugin) MarshalJSON() ([]byte, error) {
	env := make([]string, 0, len(p.Env))
	for name := range p.Env {
		env = append(env, name)
	}
	slices.Sort(env)
	return json.Marshal(map[string]any{
		"name": p.Name, "path": p.Path, "args": p.shownArgs, "env": env, "memory": p.Memory, "file": p.File, "line": p.Line,
	})
}

// MarshalJSON shows the route with its condition as it is written.
func (r *Route) MarshalJSON() ([]byte, error) {
	shown := map[string]any{"name": r.Name, "on": r.On, "to": addresses(r.To), "file": r.File, "line": r.Line}
	if r.When != nil {
		shown["when"] = r.When.String()
	}
	return json.Marshal(shown)
}

// MarshalJSON shows the pipeline with addresses in the place of blocks.
func (p *Pipeline) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"name": p.Name, "from": addresses(p.From), "through": addresses(p.Through), "routes": p.Routes, "hash": p.Hash,
		"file": p.File, "line": p.Line,
	})
}

func addresses(blocks []*Block) []string {
	names := make([]string, len(blocks))
	for i, b := range blocks {
		names[i] = b.Address()
	}
	return names
}
