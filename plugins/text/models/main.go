// Command models learns the models that ship with the text analyzers, from labelled data whose terms allow it (see NOTICE), and
// writes them beside the code that uses them. The same data give the same files, byte by byte.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/labelled"
	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/plugins/text/internal/spam"
)

// recipe makes one model.
type recipe struct {
	name  string // of the model
	file  string // to write, below the folder of the text plugin
	learn func(ctx context.Context, data labelled.Dir) (*linear.Model, error)
}

// recipes are the models that ship.
func recipes() []recipe {
	return []recipe{
		{"sms", "internal/spam/sms.model", func(ctx context.Context, d labelled.Dir) (*linear.Model, error) {
			texts, err := d.SMS()
			return learnSpam(ctx, texts, err, "SMS Spam Collection (Almeida, Hidalgo), CC BY 4.0")
		}},
		{"comments", "internal/spam/comments.model", func(ctx context.Context, d labelled.Dir) (*linear.Model, error) {
			texts, err := d.YouTube()
			return learnSpam(ctx, texts, err, "YouTube Spam Collection (Alberto, Lochter, Almeida), CC BY 4.0")
		}},
	}
}

func learnSpam(ctx context.Context, texts []labelled.Text, err error, from string) (*linear.Model, error) {
	if err != nil {
		return nil, err
	}
	examples := make([]linear.Example, len(texts))
	for i, t := range texts {
		group := t.Group // held out together: comments under one video, copies of one message
		if group == "" {
			group = t.Text
		}
		examples[i] = linear.Example{Text: spam.Plain(t.Text), Label: t.Label, Group: group}
	}
	o := spam.Options()
	o.From = from
	m, _, err := linear.Train(ctx, examples, o)
	return m, err
}

func main() {
	data := flag.String("data", "", "folder with the labelled data")
	out := flag.String("out", "plugins/text", "folder of the text plugin")
	flag.Parse()
	if err := run(context.Background(), *data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "models:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, out string) error {
	if _, err := os.Stat(data); err != nil {
		return fmt.Errorf("the labelled data are not here: name their folder with -data (DATA=folder): %w", err)
	}
	for _, r := range recipes() {
		began := time.Now()
		m, err := r.learn(ctx, labelled.Dir(data))
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		b, err := m.Encode()
		if err == nil {
			err = os.WriteFile(filepath.Join(out, r.file), b, 0o644)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Printf("%-10s %s  %7d bytes, %d labels, %d features, held out: accuracy %.3f, macro F1 %.3f (%s)\n", r.name, m.Hash(), len(b),
			len(m.Labels), m.Rows(), m.Learned.Accuracy, m.Learned.MacroF1, time.Since(began).Round(time.Second))
	}
	return nil
}
