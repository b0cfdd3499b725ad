package main

import (
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
	"github.com/pintle-hub/pintle/plugins/text/internal/langid/corpus"
)

// plan says which languages of a script to learn, and how many n-grams to keep.
type plan struct {
	script langid.Script
	langs  []string
	// others are learned together as "und": to know them as not ours is all we want.
	others []string
	grams  int
}

func plans() []plan {
	return []plan{
		{
			script: langid.Latin, grams: 70_000,
			langs:  strings.Fields("ca cs da de en es et fi fr hr hu id is it lt lv nl no pl pt ro sk sl sv tr vi"),
			others: strings.Fields("af az cy eo eu ga la lg mi ms sn so sq st sw tl tn ts xh yo zu"),
		},
		{script: langid.Cyrillic, grams: 20_000, langs: strings.Fields("be bg kk mk mn ru sr uk")},
		{script: langid.Arabic, grams: 10_000, langs: strings.Fields("ar fa ur")},
		{script: langid.Devanagari, grams: 8_000, langs: strings.Fields("hi mr")},
		{script: langid.Han, grams: 8_000, langs: strings.Fields("ja zh")},
	}
}

// sample is one text of a language, by its number in the family.
type sample struct {
	text string
	lang int
}

// codes returns the family's languages, with "und" where there are others.
func (p plan) codes() []string {
	if len(p.others) == 0 {
		return p.langs
	}
	return append(slices.Clone(p.langs), langid.Und)
}

// read returns the texts of the given parts. All the others together give as much as one language.
func (p plan) read(data string, parts ...corpus.Part) ([]sample, error) {
	var samples []sample
	for k, lang := range p.langs {
		texts, err := readAll(data, lang, parts)
		if err != nil {
			return nil, err
		}
		samples = appendSamples(samples, texts, k)
	}
	for n, lang := range p.others {
		texts, err := readAll(data, lang, parts)
		if err != nil {
			return nil, err
		}
		for i := n; i < len(texts); i += len(p.others) {
			samples = append(samples, sample{texts[i], len(p.langs)})
		}
	}
	return samples, nil
}

func appendSamples(samples []sample, texts []string, lang int) []sample {
	for _, t := range texts {
		samples = append(samples, sample{t, lang})
	}
	return samples
}

func readAll(data, lang string, parts []corpus.Part) ([]string, error) {
	var all []string
	for _, kind := range corpus.Kinds() {
		lines, err := corpus.Read(data, kind, lang, parts...)
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}
