package text_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/plugins/text/learn"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// TestSpamFloor: the models that ship tell plain cases apart, in texts written for the project.
func TestSpamFloor(t *testing.T) {
	for channel, want := range map[string]map[string][]string{
		"sms": {
			"spam": {"URGENT! You have won a free prize of £2000. Call 09061234567 now to claim", "FREE entry: text WIN to 80082 for a chance of a new phone. 18+ only",
				"Your account has 500 bonus points, call 08001234567 to claim your holiday cash award"},
			"ham": {"ok see you at six then", "sorry, will be late, the parcel has not come yet", "can you pick up the bike on your way home?"},
		},
		"comments": {
			"spam": {"Check out my channel and subscribe please!!", "I make 900 dollars a week from home http://example.com/money", "hey guys please visit my page and like it"},
			"ham":  {"this song is the best", "who is listening in 2026", "I love the colour of the bike in this one"},
		},
	} {
		for label, texts := range want {
			for i, v := range run(t, analyzer(t, "spam", fmt.Sprintf(`{"channel": %q}`, channel)), posts(t, texts), "label")[0] {
				if v.Str != label {
					t.Errorf("%s: text %d is %s, want %s", channel, i, v.Str, label)
				}
			}
		}
	}
}

func TestSpamCanBeDropped(t *testing.T) {
	texts := []string{"this song is the best", "Check out my channel and subscribe please!!", ""}
	added := analyze(t, analyzer(t, "spam", `{"action": "drop"}`), posts(t, texts)[0])
	if len(added.Drops) != 1 || added.Drops[0].Rule != "spam" || fmt.Sprint(added.Drops[0].Events) != "[1]" {
		t.Errorf("dropped %v, want event 1 by the rule spam", added.Drops)
	}
	if added.Value(0, "label").Str != "ham" || !added.Value(2, "label").IsNull() {
		t.Error("what is no spam has its label, what has no text has none")
	}
}

func TestSpamByAModelOfOnesOwn(t *testing.T) {
	var rows []learn.Row
	for i := range 10 {
		rows = append(rows, learn.Row{Text: fmt.Sprint("cheap lamps, visit us ", i), Label: "spam"}, learn.Row{Text: fmt.Sprint("my lamp is broken ", i), Label: "ham"})
	}
	res, err := learn.Train(t.Context(), learn.Request{Task: "spam", Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "own.model")
	if _, err := learn.Save(res.Model, path); err != nil {
		t.Fatal(err)
	}
	a := analyzer(t, "spam", fmt.Sprintf(`{"model": %q}`, path))
	got := run(t, a, posts(t, []string{"visit us for cheap lamps", "the lamp is broken"}), "label", "score")
	if got[0][0].Str != "spam" || got[0][1].Str != "ham" || got[1][0].Num < 0.5 || got[1][1].Num > 0.5 {
		t.Errorf("got %v", got)
	}
	if a.(sdk.Modelled).Model() != res.Model.Hash() {
		t.Error("the model does not name itself")
	}
}

func TestContractOfSpam(t *testing.T) {
	path, _ := topicModel(t)
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "spam", Events: spoken(),
		Invalid: []any{map[string]any{"model": path}, map[string]any{"model": path + ".none"}}})
}
