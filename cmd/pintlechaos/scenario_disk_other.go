//go:build !linux

package main

// Disks go wrong on purpose on Linux only.
func powerScenarios() []Scenario { return nil }

func storageScenarios() []Scenario { return nil }
