package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pintle-hub/pintle/plugins/text/learn"
)

func newModel(std *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "Teach the analyzers your own topics",
		Long: `Analyzers such as topic answer by a model that was trained on texts to which people gave
labels. A file of such texts has one JSON object a line, or is named .csv and has the
same names in its first line:

  {"id": "p1", "text": "Where is my refund?", "label": "refund", "author": "ann"}

Twenty texts a label are a beginning, a hundred are good. id and author are optional:
texts of one author are held out together, so that the figures are not flattered.`,
		Example: `  pintle model train --in labelled.jsonl --out what.model
  pintle model eval what.model --in others.jsonl
  pintle model correct labelled.jsonl --id p1 --label refund`,
	}
	return family(cmd, newModelTrain(std), newModelEval(std), newModelShow(std), newModelCorrect(std))
}

func newModelEval(std *streams) *cobra.Command {
	var in string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "eval MODEL --in FILE",
		Short:   "Measure a model on labelled texts",
		Long:    `Measures a model on labelled texts that it has not learned from.`,
		Example: `  pintle model eval what.model --in others.jsonl`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := learn.Load(args[0])
			if err != nil {
				return fail(exitFailed, err)
			}
			rows, err := learn.Read(in, false)
			if err != nil {
				return fail(exitFailed, err)
			}
			f := learn.Evaluate(m, rows)
			if asJSON {
				return std.json(f)
			}
			writeFigures(std, f)
			return nil
		},
	}
	cmd.Flags().StringVar(&in, "in", "", "the `file` of labelled texts")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the figures as JSON")
	_ = cmd.MarkFlagRequired("in")
	return cmd
}

func newModelShow(std *streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show MODEL",
		Short:   "Say what a model knows and where it comes from",
		Long:    `Says what a model knows: its labels, how it was made, and how good it was on texts it had not learned from.`,
		Example: `  pintle model show what.model`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := learn.Load(args[0])
			if err != nil {
				return fail(exitFailed, err)
			}
			about := learn.Describe(m)
			if asJSON {
				return std.json(about)
			}
			fmt.Fprintf(std.out, "task      %s\nmodel     %s\nlearned   %d texts, %d features\n", about.Task, about.Hash, about.Learned.Examples, about.Features)
			if about.Learned.Folds > 0 {
				fmt.Fprintf(std.out, "held out  accuracy %.3f, macro F1 %.3f\n", about.Learned.Accuracy, about.Learned.MacroF1)
			}
			if about.Learned.From != "" {
				fmt.Fprintf(std.out, "from      %s\n", clean(about.Learned.From))
			}
			fmt.Fprintf(std.out, "labels    %s\n", clean(strings.Join(about.Labels, ", ")))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write it as JSON")
	return cmd
}

func newModelCorrect(std *streams) *cobra.Command {
	var id, label string
	cmd := &cobra.Command{
		Use:   "correct FILE --id ID --label LABEL",
		Short: "Correct the label of one text; the next training uses it",
		Long: `Notes that a text of a file should have another label, in FILE.corrections.csv beside
it; the file itself stays as it is. The last correction of a text counts. People may
write that file by hand too: its columns are id and label. Texts without an id are
named by the number of their line.`,
		Example: `  pintle model correct labelled.jsonl --id p1 --label refund`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			old, err := learn.Correct(args[0], id, label)
			if err != nil {
				return fail(exitFailed, err)
			}
			std.say("%s is %s now, not %s: %s. Train again to use it.", clean(id), clean(label), clean(old), learn.CorrectionsFile(args[0]))
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "the `id` of the text")
	cmd.Flags().StringVar(&label, "label", "", "its right `label`")
	_ = cmd.MarkFlagRequired("id")
	_ = cmd.MarkFlagRequired("label")
	return cmd
}
