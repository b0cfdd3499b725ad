package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/core/hub"
)

func newDLQList(std *streams) *cobra.Command {
	var f hubFlags
	var filter letterFilter
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [PATH...]",
		Short: "List dead letters, oldest first",
		Long: `Lists dead letters: number, when, where and why, without what the customer wrote.
Works with the hub that runs, and with the data it left when none runs.`,
		Example: `  pintle dlq list
  pintle dlq list --stage sink --code 23505
  pintle dlq list --json | jq -r '.[].number'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return listLetters(cmd.Context(), std, letterList{&f, &filter, asJSON}, args)
		},
	}
	f.register(cmd)
	filter.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the list as JSON")
	return cmd
}

// letterList is what to list, and how.
type letterList struct {
	hub    *hubFlags
	filter *letterFilter
	json   bool
}

// letterJSON is a dead letter without the event.
type letterJSON struct {
	Number   uint64    `json:"number"`
	Time     time.Time `json:"time"`
	Pipeline string    `json:"pipeline"`
	Stage    string    `json:"stage"`
	At       string    `json:"at"`
	EventID  string    `json:"event_id"`
	Code     string    `json:"code,omitempty"`
	Field    string    `json:"field,omitempty"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
}

func letterOf(d *hub.DeadLetter) letterJSON {
	return letterJSON{Number: d.Seq, Time: d.Time, Pipeline: d.Pipeline, Stage: d.Stage, At: d.At, EventID: d.Event, Code: d.Code,
		Field: d.Field, Reason: d.Reason, Attempts: d.Attempts}
}

func listLetters(ctx context.Context, std *streams, l letterList, paths []string) error {
	all, err := letters(ctx, std, l.hub, paths)
	if err != nil {
		return err
	}
	some := l.filter.of(all)
	if l.json {
		out := make([]letterJSON, len(some))
		for i := range some {
			out[i] = letterOf(&some[i])
		}
		return std.json(out)
	}
	switch {
	case len(all) == 0:
		fmt.Fprintln(std.out, "There are no dead letters.")
		return nil
	case len(some) == 0:
		fmt.Fprintf(std.out, "None of %s matches.\n", counted(len(all), "dead letter"))
		return nil
	}
	writeLetters(std, some)
	fmt.Fprintf(std.out, "\n%s. To see one whole: %s\n", counted(len(some), "dead letter"),
		commandLine(fmt.Sprintf("dlq show %d", some[0].Seq), l.hub.words(paths)...))
	return nil
}

func writeLetters(std *streams, list []hub.DeadLetter) {
	i := std.ink(std.out)
	t := newTable("NUMBER>", "WHEN", "STAGE", "AT", "CODE", "REASON")
	room := max(width(std.out)-90, 70)
	for _, d := range list {
		reason := d.Reason
		if d.Field != "" {
			reason = d.Field + ": " + reason
		}
		t.add(d.Seq, d.Time.Local().Format(time.DateTime), d.Stage, d.At, d.Code, cut(reason, room))
	}
	t.write(std.out, i, "")
}
