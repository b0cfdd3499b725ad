package phrase

import "regexp/syntax"

// maxRequired bounds the texts of which one must be there before a pattern is tried.
const maxRequired = 32

// required returns texts of which at least one is part of whatever re matches, up to case; nil when there is no such list.
// Looking for them costs a hundredth of trying the pattern.
func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) < 2 {
			return nil
		}
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if list := required(sub); shortest(list) > shortest(best) {
				best = list
			}
		}
		return best
	case syntax.OpAlternate:
		return requiredOfAny(re.Sub)
	}
	return nil
}

// requiredOfAny joins the lists of alternatives; each needs one.
func requiredOfAny(subs []*syntax.Regexp) []string {
	var all []string
	for _, sub := range subs {
		list := required(sub)
		if list == nil {
			return nil
		}
		all = append(all, list...)
	}
	if len(all) > maxRequired {
		return nil
	}
	return all
}

// shortest returns the length of the shortest text: the more letters, the less often it is found in vain.
func shortest(list []string) int {
	if len(list) == 0 {
		return 0
	}
	n := len(list[0])
	for _, s := range list[1:] {
		n = min(n, len(s))
	}
	return n
}
