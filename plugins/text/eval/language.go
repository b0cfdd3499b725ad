package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/abadojack/whatlanggo"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
	"github.com/pintle-hub/pintle/plugins/text/internal/langid/corpus"
	"github.com/pintle-hub/pintle/sdk"
)

// measureLanguage measures the best guess on the lines of every known language that were not learned from, and on tweets.
func measureLanguage(e *evaluation) error {
	d, err := langid.New(nil)
	if err != nil {
		return err
	}
	if err := e.lines(`{"min_confidence": 0}`, d.Languages(), [3]float64{}); err != nil {
		return err
	}
	usual := strings.Fields("ar bg cs da de el en es fa fi fr he hi hr hu id it ja ko nl no pl pt ro ru sv tr uk vi zh")
	config, err := json.Marshal(map[string]any{"min_confidence": 0, "languages": usual})
	if err != nil {
		return err
	}
	if err := e.lines(string(config), usual, [3]float64{.992, .90, .74}); err != nil {
		return err
	}
	var tweets []labelled.Text
	for _, set := range [][2]string{{"arabic", "ar"}, {"french", "fr"}, {"german", "de"}, {"italian", "it"}, {"portuguese", "pt"}, {"spanish", "es"}} {
		list, err := e.data.XLMT(set[0], "train")
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Label = set[1]
		}
		tweets = append(tweets, list...)
		if err := e.language("tweets in "+set[0]+", accuracy", all, list, 0); err != nil {
			return err
		}
	}
	if err := e.language("tweets in six languages (without Hindi, mostly romanised), accuracy", all, tweets, .96); err != nil {
		return err
	}
	return e.reportSpeed("language", `{}`, tweets, 150_000)
}

// all lets the analyzer choose among all languages, and always guess.
const all = `{"min_confidence": 0}`

// lines measures the three kinds of lines in some languages.
func (e *evaluation) lines(config string, languages []string, goals [3]float64) error {
	for i, kind := range corpus.Kinds() {
		var texts []labelled.Text
		for _, lang := range languages {
			lines, err := corpus.Read(string(e.data), kind, lang, corpus.HeldOut)
			if err != nil {
				return err
			}
			for _, line := range lines {
				texts = append(texts, labelled.Text{Text: line, Label: lang})
			}
		}
		if err := e.language(fmt.Sprintf("%s of %d languages, accuracy", kind, len(languages)), config, texts, goals[i]); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) language(name, config string, texts []labelled.Text, goal float64) error {
	said, err := apply("language", config, texts, "code")
	if err != nil {
		return err
	}
	right, other := 0, 0
	for i, t := range texts {
		count(&right, said[i], t.Label)
		if l := whatlanggo.DetectLang(t.Text); l.Iso6391() == t.Label || l == whatlanggo.Nob && t.Label == "no" {
			other++
		}
	}
	n := float64(len(texts))
	e.report(Figure{Measure: name, Value: float64(right) / n, Goal: goal, Baselines: []Baseline{{"whatlanggo", float64(other) / n}}})
	return nil
}

func count(n *int, values []sdk.Value, want string) {
	if values[0].Str == want {
		*n++
	}
}
