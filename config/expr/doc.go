// Package expr compiles per-event expressions: what the configuration computes from event.* and insight.* for every event.
// It walks the HCL syntax tree once, at load, and returns closures over an sdk.View; parts that do not depend on the event
// are folded into constants.
//
// Its promise: evaluating never fails and never falls back to hcl's own evaluator. What the compiler does not know is an
// error at load. Where hcl's evaluator gives a value the closures give the same one; where it gives an error (a null operand,
// a text that is no number, a division by zero) the result is null, and a comparison with null is false.
package expr
