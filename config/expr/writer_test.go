package expr_test

import "fmt"

func (w *writer) boolean(depth int) string {
	if depth == 0 || w.choose(5) == 0 {
		return w.pick("event.author.verified", "event.mood.sure", "event.data.flag", "true", "false", "event.text == null",
			`event.mood.label == "negative"`, `event.kind != "post"`, "event.mood.score < -1.5", "event.rating.value >= 2")
	}
	d := depth - 1
	switch w.choose(12) {
	case 0:
		return fmt.Sprintf("(%s && %s)", w.boolean(d), w.boolean(d))
	case 1:
		return fmt.Sprintf("(%s || %s)", w.boolean(d), w.boolean(d))
	case 2:
		return "!" + w.boolean(d)
	case 3:
		return fmt.Sprintf("(%s %s %s)", w.number(d), w.pick("<", "<=", ">", ">=", "==", "!="), w.number(d))
	case 4:
		return fmt.Sprintf("(%s %s %s)", w.text(d), w.pick("==", "!="), w.text(d))
	case 5:
		return fmt.Sprintf("(%s %s null)", w.pick(w.text(d), w.number(d), w.list(d)), w.pick("==", "!="))
	case 6:
		return fmt.Sprintf("contains(%s, %s)", w.list(d), w.text(d))
	case 7:
		return fmt.Sprintf("%s(%s, %s)", w.pick("startswith", "endswith", "strcontains"), w.text(d), w.text(d))
	case 8:
		return fmt.Sprintf("regexmatch(%q, %s)", w.pick("a", "(?i)CHARGED", "^\\s", "x|y$"), w.text(d))
	case 9:
		return fmt.Sprintf("(%s ? %s : %s)", w.boolean(d), w.boolean(d), w.boolean(d))
	case 10:
		return fmt.Sprintf("(%s == %s)", w.list(d), w.list(d))
	}
	return fmt.Sprintf("tobool(%s)", w.pick(w.boolean(d), `"true"`, `"0"`, "event.data.s"))
}

func (w *writer) number(depth int) string {
	if depth == 0 || w.choose(5) == 0 {
		return w.pick("event.mood.score", "event.rating.value", "event.data.n", fmt.Sprint(w.quarter()), "3")
	}
	d := depth - 1
	switch w.choose(9) {
	case 0, 1: // a text of digits counts as a number here
		return fmt.Sprintf("(%s %s %s)", w.pick("event.data.digits", w.number(d)), w.pick("+", "-", "*", "%"), w.number(d))
	case 2:
		return fmt.Sprintf("(%s / %s)", w.number(d), w.pick("2", "4", "0.5", "event.data.n * 0"))
	case 3:
		return "-" + w.number(d)
	case 4:
		return fmt.Sprintf("%s(%s)", w.pick("floor", "ceil", "abs", "round"), w.number(d))
	case 5:
		return fmt.Sprintf("%s(%s, %s)", w.pick("min", "max"), w.number(d), w.number(d))
	case 6:
		return fmt.Sprintf("length(%s)", w.pick(w.text(d), w.list(d)))
	case 7:
		return fmt.Sprintf("(%s ? %s : %s)", w.boolean(d), w.number(d), w.number(d))
	}
	return fmt.Sprintf("tonumber(%s)", w.pick("event.data.digits", w.number(d), `"0.25"`))
}

func (w *writer) text(depth int) string {
	if depth == 0 || w.choose(5) == 0 {
		return w.pick("event.text", "event.title", "event.data.s", "event.topic.label", "event.mood.label", fmt.Sprintf("%q", w.pick("a", "b", "", "Über")))
	}
	d := depth - 1
	switch w.choose(11) {
	case 0, 1:
		return fmt.Sprintf(`"<${%s}%s${%s}>"`, w.text(d), w.pick("", "-", "$ "), w.pick(w.text(d), w.number(0), w.boolean(d)))
	case 2:
		return fmt.Sprintf("%s(%s)", w.pick("upper", "lower", "trimspace", "sha256", "urlencode", "tostring"), w.text(d))
	case 3:
		return fmt.Sprintf("%s(%s, %s)", w.pick("trimprefix", "trimsuffix"), w.text(d), w.text(d))
	case 4:
		return fmt.Sprintf("replace(%s, %s, %s)", w.text(d), w.pick(`"a"`, `"/[a-c]+/"`, `" "`, `""`), w.text(d))
	case 5:
		return fmt.Sprintf("substr(%s, %s, %s)", w.text(d), w.pick("0", "1", "-2", "99"), w.pick("-1", "0", "2", "99"))
	case 6:
		return fmt.Sprintf("join(%s, %s)", w.text(d), w.list(d))
	case 7:
		return fmt.Sprintf("coalesce(%s, %s)", w.text(d), w.text(d))
	case 8:
		return fmt.Sprintf("(%s ? %s : %s)", w.boolean(d), w.text(d), w.text(d))
	case 9:
		return fmt.Sprintf("%s[%s]", w.list(d), w.pick("0", "1", `"1"`, "event.data.n"))
	}
	return fmt.Sprintf(`"%%{ for i, x in %s }${x}${i}%%{ endfor }%%{ if %s }!%%{ endif }"`, w.list(d), w.boolean(d))
}

func (w *writer) list(depth int) string {
	if depth == 0 || w.choose(4) == 0 {
		return w.pick("event.topic.labels", "event.data.list", `["a", "b"]`)
	}
	d := depth - 1
	switch w.choose(5) {
	case 0:
		return fmt.Sprintf("[%s, %s]", w.text(d), w.text(d))
	case 1:
		return fmt.Sprintf("split(%s, %s)", w.pick(`","`, `" "`, `"a"`), w.text(d))
	case 2:
		return fmt.Sprintf("[for x in %s : %s if %s]", w.list(d), w.pick("x", "upper(x)", w.text(d)), w.pick(`x != "a"`, w.boolean(d)))
	case 3:
		return w.list(d) + "[*]"
	}
	return fmt.Sprintf("[for i, x in %s : jsonencode({ t = x, n = i })]", w.list(d))
}
