package main

import (
	"strconv"
	"strings"
	"testing"
)

func TestEmittedLinesComeBack(t *testing.T) {
	var out, back strings.Builder
	if err := emit(&out, []string{"3"}); err != nil {
		t.Fatal(err)
	}
	if err := echo(strings.NewReader(out.String()), &back); err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat(text()+"\n", 3); back.String() != want || len(text()) != payloadSize {
		t.Errorf("%d bytes a line, %d bytes came back", len(text()), back.Len())
	}
}

func TestMedianIsAWholeRound(t *testing.T) {
	list := []Figures{{PerSecond: 300, CPU: 3}, {PerSecond: 100, CPU: 1}, {PerSecond: 200, CPU: 2}}
	if got := median(list); got.CPU != 2 {
		t.Errorf("%+v", got)
	}
	if got := median(list[:2]); got.CPU != 1 {
		t.Errorf("of two: %+v, want the slower", got)
	}
}

// The engine must take every configuration and see all events.
func TestCasesRun(t *testing.T) {
	for _, c := range cases() {
		if strings.Contains(c.name, "out of process") {
			continue // the test binary is not the program that they start
		}
		c.config = strings.Replace(c.config, "count: "+strconv.Itoa(c.events), "count: 100", 1)
		if _, err := c.measure(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
