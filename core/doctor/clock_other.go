//go:build !linux

package doctor

func kernelSynced() synced { return unknownSync }
