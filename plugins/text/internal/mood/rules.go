package mood

// Weights of the rules, set by hand. The two borders of the labels were chosen on the training part of GoEmotions.
const (
	soften       = 15.0
	positiveFrom = 0.16
	negativeFrom = -0.14

	boosted      = 1.3
	damped       = 0.6
	loud         = 1.25 // CAPITALS, drawn ouuuut
	negatedGood  = -0.7 // not good
	negatedBad   = -0.4 // not bad
	beforeBut    = 0.5
	afterBut     = 1.3
	perExclaimed = 0.08
	reach        = 4    // words that a negation reaches
	idle         = -0.4 // a negation that nothing follows: "they won't"
)

// state is where the reader stands in a sentence.
type state struct {
	negated  int     // words that the last negation still reaches
	factor   float64 // of the next word
	fresh    int     // words that factor still holds for
	sentence float64 // the sentence so far
	weight   float64 // of what follows
	last     float64 // what the last word added
	lastAge  int     // words since then
	total    float64
	exclaims int
}

// sum adds up the text by the rules of a language; with none (-1) only signs count.
func (s *scanner) sum(lang int) float64 {
	st := state{factor: 1, weight: 1}
	shouting := s.shouting()
	for i := 0; i < len(s.tokens); {
		t := &s.tokens[i]
		switch {
		case t.kind == sign:
			st.total += float64(t.marks[max(lang, 0)].value)
			i++
		case t.kind != word:
			st.border(t.kind)
			i++
		case lang < 0:
			i++
		default:
			m, n := s.phrase(i, lang)
			st.word(m, s.stress(i, n, shouting))
			if m.role == negator && lang == german && s.ends(i+n) {
				st.negateLast()
			}
			i += n
		}
	}
	st.border(hard)
	if st.total != 0 {
		st.total *= 1 + perExclaimed*float64(min(st.exclaims, 4))
	}
	return st.total
}

// word applies one word or phrase.
func (st *state) word(m mark, stress float64) {
	st.lastAge++
	switch m.role {
	case negator:
		st.negated = reach
		st.sentence += idle * st.weight
		return
	case contrast:
		st.sentence *= beforeBut
		st.weight, st.negated = afterBut, 0
		return
	case booster, damper:
		if m.value == 0 {
			st.boost(m.role, stress)
			return
		}
	}
	if m.value != 0 {
		v := float64(m.value) * st.factor * stress * st.weight
		if st.negated > 0 {
			v = st.turn(v)
		}
		st.sentence += v
		st.last, st.lastAge, st.fresh = v, 0, 0
	}
	if st.negated > 0 {
		st.negated--
	}
	if st.fresh--; st.fresh <= 0 {
		st.factor = 1
	}
}

// turn negates a value. The negation has done its work then.
func (st *state) turn(v float64) float64 {
	st.sentence -= idle * st.weight
	st.negated = 0
	if v > 0 {
		return v * negatedGood
	}
	return v * negatedBad
}

// boost makes the next word stronger or weaker.
func (st *state) boost(r role, stress float64) {
	factor := boosted
	if r == damper {
		factor = damped
	}
	if st.fresh <= 0 {
		st.factor = 1
	}
	st.factor *= factor * stress
	st.fresh = 2
}

// negateLast takes back the last word: German says "gefällt mir nicht".
func (st *state) negateLast() {
	st.negated = 0
	if st.last != 0 && st.lastAge <= reach {
		st.sentence -= st.last
		if st.last > 0 {
			st.sentence += st.last * negatedGood
		}
		st.last = 0
	}
}

// border ends what a border ends.
func (st *state) border(k kind) {
	st.negated, st.fresh, st.factor = 0, 0, 1
	if k == soft {
		return
	}
	if k == exclaimed {
		st.exclaims++
	}
	st.total += st.sentence
	st.sentence, st.weight, st.last = 0, 1, 0
}

// ends reports whether a border or nothing follows.
func (s *scanner) ends(i int) bool { return i >= len(s.tokens) || s.tokens[i].kind != word }

// stress is how loud a phrase of n words is.
func (s *scanner) stress(i, n int, shouting bool) float64 {
	for _, t := range s.tokens[i : i+n] {
		if t.long || t.caps && !shouting {
			return loud
		}
	}
	return 1
}

// shouting reports whether most of the text is in capitals: then they stress nothing.
func (s *scanner) shouting() bool {
	caps, all := 0, 0
	for i := range s.tokens {
		if s.tokens[i].kind == word {
			all++
			if s.tokens[i].caps {
				caps++
			}
		}
	}
	return caps*2 > all
}
