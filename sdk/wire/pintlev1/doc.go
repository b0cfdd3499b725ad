// Package pintlev1 is generated from the .proto files beside it: the contract between hub and plugin, version 1. Only package
// wire imports it.
package pintlev1
