// Package static evaluates what is fixed at load: the parts of a configuration that name variables, locals and functions,
// but no event. It uses hcl's own evaluator and the functions that people know from Terraform.
//
// Its promise: no expression, however written, takes more than a bounded amount of memory and time, and no message about one
// shows a sensitive value.
package static
