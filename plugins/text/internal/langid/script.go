package langid

// Script is a group of letters. Most scripts write one of our languages, which decides it; the others need the n-grams.
type Script uint8

const (
	noScript Script = iota
	Latin
	Cyrillic
	Arabic
	Devanagari
	Han
	kana
	greek
	hebrew
	thai
	hangul
	georgian
	armenian
	bengali
	tamil
	telugu
	gujarati
	gurmukhi
	scripts
)

// only returns the one language of a script, "" where there are several.
func (s Script) only() string {
	switch s {
	case greek:
		return "el"
	case hebrew:
		return "he"
	case thai:
		return "th"
	case hangul:
		return "ko"
	case kana:
		return "ja"
	case georgian:
		return "ka"
	case armenian:
		return "hy"
	case bengali:
		return "bn"
	case tamil:
		return "ta"
	case telugu:
		return "te"
	case gujarati:
		return "gu"
	case gurmukhi:
		return "pa"
	}
	return ""
}

// weight is how much one letter of s says: a Han character or a Hangul syllable stands for more than a Latin letter, so that a
// Japanese post that names an English product stays Japanese.
func (s Script) weight() int {
	switch s {
	case Han, kana, hangul:
		return 3
	}
	return 1
}

// scriptOf returns the script of a letter, noScript for one that no language here is written with.
func scriptOf(r rune) Script {
	switch {
	case r < 0x250 || r >= 0x1e00 && r < 0x1f00:
		return Latin
	case r < 0x370:
		return noScript
	case r < 0x400 || r >= 0x1f00 && r < 0x2000:
		return greek
	case r < 0x530:
		return Cyrillic
	case r < 0x590:
		return armenian
	case r < 0x600:
		return hebrew
	case r < 0x780 || r >= 0x8a0 && r < 0x900 || r >= 0xfb50 && r < 0xff00:
		return Arabic
	case r >= 0x900 && r < 0x1100:
		return indicOf(r)
	}
	return eastAsianOf(r)
}

func indicOf(r rune) Script {
	switch {
	case r < 0x980:
		return Devanagari
	case r < 0xa00:
		return bengali
	case r < 0xa80:
		return gurmukhi
	case r < 0xb00:
		return gujarati
	case r >= 0xb80 && r < 0xc00:
		return tamil
	case r >= 0xc00 && r < 0xc80:
		return telugu
	case r >= 0xe00 && r < 0xe80:
		return thai
	case r >= 0x10a0:
		return georgian
	}
	return noScript
}

func eastAsianOf(r rune) Script {
	switch {
	case r >= 0x1100 && r < 0x1200, r >= 0x3130 && r < 0x3190, r >= 0xac00 && r < 0xd7b0:
		return hangul
	case r >= 0x3040 && r < 0x3100, r >= 0x31f0 && r < 0x3200, r >= 0xff66 && r < 0xffa0:
		return kana
	case r >= 0x3400 && r < 0xa000, r >= 0xf900 && r < 0xfb00, r >= 0x20000 && r < 0x32000, r == 0x3005:
		return Han
	}
	return noScript
}
