package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/pintle-hub/pintle/config"
)

// Part is one thing that a plan runs: a source, the analysing half of a pipeline, or one of its sinks.
type Part struct {
	// Name is the address of a source, pipeline.<name>, or pipeline.<name> -> <address of a sink>.
	Name string `json:"name"`
	// Hash changes when the part must be started anew.
	Hash string `json:"hash"`
	// Shown is how it is configured, for people: without secrets, expressions as they are written.
	Shown json.RawMessage `json:"shown"`
}

// Running is what a hub runs now.
type Running struct {
	// Fixed changes with the settings that need a restart.
	Fixed string `json:"fixed"`
	Parts []Part `json:"parts"`
}

// Running says what the hub runs, for "pintle plan" to compare with.
func (h *Hub) Running() Running {
	p := h.Plan()
	return Running{Fixed: FixedHash(p.Settings), Parts: Parts(p)}
}

// FixedHash returns a hash of the settings that cannot change while a hub runs.
func FixedHash(s config.Settings) string {
	return hash(fmt.Appendf(nil, "%q %q %d %v %q", s.DataDir, s.Broker.URL, s.Broker.Replicas, s.Limits, s.Metrics))
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// Parts lists what a plan runs, in the order in which events pass. A source that no pipeline reads does not run.
func Parts(p *config.Plan) []Part {
	var parts []Part
	if p == nil {
		return parts
	}
	for _, b := range used(p) {
		parts = append(parts, Part{Name: b.Address(), Hash: b.Hash, Shown: b.Shown})
	}
	for _, pipe := range p.Pipelines {
		name := "pipeline." + pipe.Name
		parts = append(parts, Part{Name: name, Hash: workerHash(pipe), Shown: showPipeline(pipe)})
		for _, b := range sinkBlocks(pipe) {
			parts = append(parts, Part{Name: name + " -> " + b.Address(), Hash: b.Hash, Shown: b.Shown})
		}
	}
	return parts
}

// showPipeline shows what the analysing half of a pipeline depends on: its wiring, and its analyzers by address.
func showPipeline(p *config.Pipeline) json.RawMessage {
	routes := make(map[string]any)
	for _, r := range p.Routes {
		route := map[string]any{"on": r.On, "to": addresses(r.To)}
		if r.When != nil {
			route["when"] = r.When.String()
		}
		routes[r.Name] = route
	}
	shown := map[string]any{"from": addresses(p.From), "through": addresses(p.Through), "routes": routes}
	for _, b := range p.Through {
		shown[b.Address()] = b.Shown
	}
	out, err := json.Marshal(shown)
	if err != nil {
		panic("hub: " + err.Error()) // a bug: all of it was JSON before
	}
	return out
}

func addresses(blocks []*config.Block) []string {
	out := make([]string, len(blocks))
	for i, b := range blocks {
		out[i] = b.Address()
	}
	return out
}

// Compare says what must be started and stopped to get from old to new.
func Compare(old, new []Part) Changes {
	var c Changes
	before, after := hashes(old), hashes(new)
	for _, p := range new {
		switch hash, ok := before[p.Name]; {
		case !ok:
			c.Added = append(c.Added, p.Name)
		case hash != p.Hash:
			c.Changed = append(c.Changed, p.Name)
		}
	}
	for _, p := range old {
		if _, ok := after[p.Name]; !ok {
			c.Removed = append(c.Removed, p.Name)
		}
	}
	return c
}

func hashes(parts []Part) map[string]string {
	m := make(map[string]string, len(parts))
	for _, p := range parts {
		m[p.Name] = p.Hash
	}
	return m
}
