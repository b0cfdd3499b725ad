// Command gen learns the language profiles from lines of text per language and writes them as one file. It is run by go
// generate; the same lines give the same file, byte by byte.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
	"github.com/pintle-hub/pintle/plugins/text/internal/langid/corpus"
)

func main() {
	data := flag.String("data", "", "folder that holds lingua-testdata")
	out := flag.String("out", "profiles.bin", "file to write")
	flag.Parse()
	if err := run(*data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(data, out string) error {
	if _, err := os.Stat(data); err != nil {
		fmt.Printf("no texts in %s: %s stays as it is\n", data, out)
		return nil
	}
	var families []langid.Family
	for _, p := range plans() {
		f, err := build(data, p)
		if err != nil {
			return err
		}
		fmt.Printf("%d languages, %d n-grams, scale %.2f\n", len(f.Langs), len(f.Grams), f.Scale)
		families = append(families, f)
	}
	b, err := langid.Encode(families)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", out, len(b))
	return os.WriteFile(out, b, 0o644)
}

// build learns a family twice: once without the tuning part to fit the scale on it, then from all that may be learned from.
func build(data string, p plan) (langid.Family, error) {
	parts := []corpus.Part{0, 1, 2}
	samples, err := p.read(data, parts...)
	if err != nil {
		return langid.Family{}, err
	}
	tune, err := p.read(data, corpus.Tune)
	if err != nil {
		return langid.Family{}, err
	}
	scale := fitScale(learn(p, samples), tune)
	f := learn(p, append(samples, tune...))
	f.Scale = scale
	return f, nil
}
