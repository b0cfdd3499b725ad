package config

import _ "embed"

//go:embed starter.hcl
var starter string

// Starter returns the commented configuration that "pintle init" writes.
func Starter() []byte { return []byte(starter) }
