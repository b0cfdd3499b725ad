package text

import "math"

// round3 keeps three decimals: more would only pretend to know.
func round3(x float64) float64 { return math.Round(x*1000) / 1000 }
