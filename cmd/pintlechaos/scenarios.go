package main

import (
	"context"
	"slices"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// Scenario is one kind of fault, done again and again.
type Scenario struct {
	// Name is what -only takes; Doc says in one line what is done and what must hold.
	Name, Doc string
	// Short and Full are how many cycles the short and the full run do. Short 0: not part of the short run.
	Short, Full int
	// Run does that many cycles in a fresh Env and leaves the hub running and the sources flowing, or quiesced. The caller
	// quiesces and judges then. An error means that the scenario itself could not be done, which is a failure too.
	Run func(ctx context.Context, e *rig.Env, cycles int) error
	// Settled says that Run has quiesced by itself, and that the hub may be gone.
	Settled bool
	// Judged says that Run judges by itself and leaves no history: no error means that all is well.
	Judged bool
	// Switched says that Run uses Env.Switched, the hub that can be made to die at named places.
	Switched bool
}

// scenarios is everything that is done to the hub, in the order of the run.
func scenarios() []Scenario {
	return slices.Concat(killScenarios(), powerScenarios(), storageScenarios(), sinkScenarios(), eventScenarios(), zooScenarios(), changeScenarios())
}
