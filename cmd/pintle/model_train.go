package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/plugins/text/learn"
)

// trainFlags say what to train.
type trainFlags struct {
	in, out, task, unlabelled, from string
	json                            bool
}

func newModelTrain(std *streams) *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train --in FILE --out MODEL",
		Short: "Train a model on labelled texts",
		Long: `Trains a model and says how good it is on texts that were held out, which labels it takes
for each other, which texts seem to be labelled wrong, and, with --unlabelled, which
texts to label next: those it is least sure of. The same file gives the same model.

Labels that were corrected (pintle model correct) replace those of the file.`,
		Example: `  pintle model train --in labelled.jsonl --out what.model
  pintle model train --task sentiment --in mood.csv --out mood.model --unlabelled posts.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return trainModel(cmd.Context(), std, f) },
	}
	cmd.Flags().StringVar(&f.in, "in", "", "the `file` of labelled texts")
	cmd.Flags().StringVar(&f.out, "out", "", "the `file` to write the model to")
	cmd.Flags().StringVar(&f.task, "task", "topic", "what the labels tell: topic, sentiment, spam, relevance")
	cmd.Flags().StringVar(&f.unlabelled, "unlabelled", "", "a `file` of texts to choose the next to label from")
	cmd.Flags().StringVar(&f.from, "from", "", "a `note` kept in the model: where the texts come from")
	cmd.Flags().BoolVar(&f.json, "json", false, "write the figures as JSON")
	_ = cmd.MarkFlagRequired("in")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

func trainModel(ctx context.Context, std *streams, f trainFlags) error {
	r := learn.Request{Task: f.task, From: f.from, Progress: trainProgress(std)}
	var err error
	if r.Rows, err = learn.Read(f.in, false); err != nil {
		return fail(exitFailed, err)
	}
	if f.unlabelled != "" {
		if r.Unlabelled, err = learn.Read(f.unlabelled, true); err != nil {
			return fail(exitFailed, err)
		}
	}
	res, err := learn.Train(ctx, r)
	if err != nil {
		return fail(exitFailed, fmt.Errorf("%s: %w", f.in, err))
	}
	size, err := learn.Save(res.Model, f.out)
	if err != nil {
		return fail(exitEnvironment, err)
	}
	if f.json {
		return std.json(trainJSON{learn.Describe(res.Model), size, res.HeldOut, res.Next, res.Suspects})
	}
	writeFigures(std, res.HeldOut)
	writeDoubts(std, "Perhaps labelled wrong (pintle model correct):", res.Suspects)
	writeDoubts(std, "Label these next:", res.Next)
	std.say("Wrote %s: %d KiB, model %s.", f.out, size>>10, res.Model.Hash())
	if f.task == "topic" {
		std.say("Use it: analyzer \"topic\" \"what\" { model = %q }", f.out)
	}
	return nil
}

// trainJSON is what training says to programs.
type trainJSON struct {
	Model    learn.About   `json:"model"`
	Bytes    int           `json:"bytes"`
	HeldOut  learn.Figures `json:"held_out"`
	Next     []learn.Doubt `json:"next,omitempty"`
	Suspects []learn.Doubt `json:"suspects,omitempty"`
}

// trainProgress shows how far the training is, on a terminal.
func trainProgress(std *streams) func(done, of int) {
	if !isTerminal(std.err) {
		return nil
	}
	var last time.Time
	return func(done, of int) {
		if done == of {
			fmt.Fprint(std.err, "\r\x1b[K")
		} else if time.Since(last) > redrawEvery {
			last = time.Now()
			fmt.Fprintf(std.err, "\rtraining: %d of %d", done, of)
		}
	}
}

// writeFigures writes how good a model is.
func writeFigures(std *streams, f learn.Figures) {
	i := std.ink(std.out)
	fmt.Fprintf(std.out, "%s texts: accuracy %.3f, macro F1 %.3f (always the most frequent label: %.3f)\n\n", number(uint64(f.Texts)), f.Accuracy, f.MacroF1, f.Majority)
	t := newTable("LABEL", "TEXTS>", "PRECISION>", "RECALL>")
	for _, l := range f.Labels {
		t.add(cell{l.Name, i.bold}, l.Texts, fmt.Sprintf("%.2f", l.Precision), fmt.Sprintf("%.2f", l.Recall))
	}
	t.write(std.out, i, "")
	if len(f.Worst) == 0 {
		return
	}
	fmt.Fprint(std.out, "\nMost often taken for each other:\n")
	t = newTable("LABEL", "TAKEN FOR", "TEXTS>")
	for _, p := range f.Worst {
		t.add(p.Label, p.Taken, p.N)
	}
	t.write(std.out, i, "  ")
}

func writeDoubts(std *streams, title string, list []learn.Doubt) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(std.out, "\n%s\n", title)
	t := newTable("ID", "LABEL", "THE MODEL SAYS", "CONFIDENCE>")
	for _, d := range list {
		t.add(d.ID, d.Label, d.Says, fmt.Sprintf("%.2f", d.Confidence))
	}
	t.write(std.out, std.ink(std.out), "  ")
}
