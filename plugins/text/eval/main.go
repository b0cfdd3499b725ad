// Command eval measures the text analyzers on labelled data and prints every figure beside its goal. The analyzers are opened
// as the hub opens them; what is trained for a measure is trained here, from the parts that may be learned from. The data are not
// part of the project.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "", "folder with the labelled data")
	flag.StringVar(&o.only, "only", "", "measure only the analyzers whose name fits this regular expression")
	flag.StringVar(&o.json, "json", "", "write the figures to this file as JSON")
	flag.StringVar(&o.page, "page", "", "write the figures to this file as a page")
	flag.Parse()
	code, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
	}
	os.Exit(code)
}

type options struct{ data, only, json, page string }

// sections are the analyzers to measure, in the order of the page.
func sections() []section {
	return []section{
		{"language", measureLanguage},
		{"spam", measureSpam},
		{"topic", measureTopic},
		{"cluster", measureCluster},
		{"cluster", measureUnknown},
	}
}

// run returns 0 when every figure reached its goal, 1 when one is below, 3 when the data are not there.
func run(o options) (int, error) {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return 2, err
	}
	if _, err := os.Stat(o.data); err != nil {
		return 3, fmt.Errorf("the labelled data are not here: name their folder with -data (DATA=folder): %w", err)
	}
	e := &evaluation{data: labelled.Dir(o.data), out: os.Stdout}
	for _, s := range sections() {
		if !only.MatchString(s.analyzer) {
			continue
		}
		e.analyzer = s.analyzer
		if err := s.measure(e); err != nil {
			return 1, fmt.Errorf("%s: %w", s.analyzer, err)
		}
	}
	if err := e.keep(o); err != nil {
		return 1, err
	}
	return e.close(), nil
}
