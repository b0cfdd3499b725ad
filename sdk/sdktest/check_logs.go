package sdktest

import (
	"bytes"
	"encoding/json"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// keepsSecrets uses the component, and looks for secrets and for texts of events in what it logs, in its errors and results.
func (k kind) keepsSecrets(t testing.TB, s *Suite) {
	spec, _ := k.spec(s)
	config := s.config(t)
	settings, err := settingsOf(spec.schema, config)
	if err != nil {
		t.Fatalf("the configuration of the suite: %v", err)
	}
	logged := capture(t)
	said := k.use(t, s, config)
	l := serve(t, s.Program, s.patience())
	for _, config := range wrong(spec.schema, settings.json) {
		if session, err := k.open(l, s.Type, config); err == nil {
			session.Close()
		} else {
			said = append(said, err.Error())
		}
	}
	for _, secret := range append(secretsIn(spec.schema, settings.json), s.Secrets...) {
		if strings.Contains(logged(), secret) {
			t.Error("a secret of the configuration stands in the log: keep it an sdk.Secret, and call Reveal only where it is sent")
		}
		if strings.Contains(strings.Join(said, "\n"), secret) {
			t.Error("a secret of the configuration stands in an error or result: leave out the request that failed, or its credentials")
		}
	}
	for _, words := range privateTexts(s.Events) {
		if strings.Contains(logged(), words) {
			t.Errorf("the text of an event stands in the log: %.40q", words)
		}
		if strings.Contains(strings.Join(said, "\n"), words) {
			t.Errorf("the text of an event stands in an error or result, which others may read: %.40q", words)
		}
	}
}

// privateTexts returns the words of customers that are long enough to be known again.
func privateTexts(events []sdk.Event) []string {
	texts := []string{private}
	for i := range events {
		if text := events[i].Text(); len(text) > 12 {
			texts = append(texts, text)
		}
	}
	return texts
}

// secretsIn returns the values of sensitive attributes.
func secretsIn(schema sdk.Schema, config []byte) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal(config, &object) != nil {
		return nil
	}
	var secrets []string
	for _, a := range schema.Attributes {
		var value any
		if a.Sensitive && json.Unmarshal(object[a.Name], &value) == nil {
			secrets = append(secrets, longTexts(value)...)
		}
	}
	for _, b := range schema.Blocks {
		var blocks []json.RawMessage
		if json.Unmarshal(object[b.Name], &blocks) == nil {
			for _, block := range blocks {
				secrets = append(secrets, secretsIn(b.Schema, block)...)
			}
		}
	}
	return secrets
}

// longTexts returns the texts of a value that are long enough to be known again.
func longTexts(value any) []string {
	var texts []string
	switch v := value.(type) {
	case string:
		if len(v) > 3 {
			texts = append(texts, v)
		}
	case []any:
		for _, item := range v {
			texts = append(texts, longTexts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			texts = append(texts, longTexts(item)...)
		}
	}
	return texts
}

// capture gathers what is logged through slog, log and os.Stderr until the test ends.
func capture(t testing.TB) (logged func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stderr")
	stderr, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var b buffer
	oldLogger, oldWriter, oldFlags, oldStderr := slog.Default(), log.Writer(), log.Flags(), os.Stderr
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.Level(-100)})))
	log.SetOutput(&b)
	os.Stderr = stderr
	t.Cleanup(func() {
		os.Stderr = oldStderr
		slog.SetDefault(oldLogger)
		log.SetOutput(oldWriter)
		log.SetFlags(oldFlags)
		_ = stderr.Close()
	})
	return func() string {
		printed, _ := os.ReadFile(path)
		return b.String() + string(printed)
	}
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
