package main

import (
	"math"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
)

// fitScale finds the factor between costs and logits that makes the probabilities of held-back texts most honest (least log
// loss). n-grams overlap, so that without it every answer would be far too sure.
func fitScale(f langid.Family, texts []sample) float64 {
	best, least := 1.0, math.Inf(1)
	for scale := 0.1; scale < 4; scale *= 1.1 {
		f.Scale = math.Round(scale*1000) / 1000
		if loss := logLoss(f, texts); loss < least {
			best, least = f.Scale, loss
		}
	}
	return best
}

func logLoss(f langid.Family, texts []sample) float64 {
	judge := langid.NewJudge(f)
	loss := 0.0
	for i := 0; i < len(texts); i += 4 {
		loss -= math.Log(max(judge.Probability(texts[i].text, texts[i].lang), 1e-9))
	}
	return loss
}
