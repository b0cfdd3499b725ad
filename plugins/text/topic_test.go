package text_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/plugins/text/learn"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// questions are texts to a bicycle shop, in five kinds, written for the project.
func questions() map[string][]string {
	return map[string][]string{
		"refund": {"where is my refund", "I want my money back for the bike", "please pay the money back, I sent the lamp back", "my refund has not arrived yet",
			"you still owe me the price of the saddle", "how long does a refund take", "refund the second payment", "I returned it and got no money"},
		"delivery": {"my parcel is late", "where is the parcel with the lamp", "the courier never came", "the delivery was left in the rain",
			"tracking says delivered but there is no parcel", "when will the bike arrive", "the courier rang and drove away", "delivery on a Saturday, is that possible"},
		"battery": {"the battery is empty after ten kilometres", "my battery does not charge", "the battery fell out of the frame", "is there a bigger battery",
			"charger gets hot and the battery stays empty", "battery shows three bars and dies", "how do I store the battery in winter", "the battery lock is broken"},
		"account": {"I cannot sign in", "my password does not work", "the app logs me out again and again", "how do I change my mail address in the account",
			"delete my account", "sign in with the code fails", "I forgot the password of the account", "the app does not know my account"},
		"praise": {"what a lovely bike", "thank you for the quick help", "great service in the shop", "I love the colour",
			"best lamp I ever had, thank you", "wonderful people in the shop", "so happy with the bike", "great bike, great price"},
	}
}

// topicModel trains on all but every fourth question and returns the file and the questions that were left out.
func topicModel(t testing.TB) (path string, left [][2]string) {
	t.Helper()
	var rows []learn.Row
	for _, label := range []string{"account", "battery", "delivery", "praise", "refund"} {
		for i, q := range questions()[label] {
			if i%4 == 3 {
				left = append(left, [2]string{q, label})
				continue
			}
			rows = append(rows, learn.Row{ID: fmt.Sprint(label, i), Text: q, Label: label})
		}
	}
	res, err := learn.Train(t.Context(), learn.Request{Task: "topic", Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "what.model")
	if _, err := learn.Save(res.Model, path); err != nil {
		t.Fatal(err)
	}
	return path, left
}

// TestTopicFloor: what was not learned from is told right by seven in ten, even from six texts a label.
func TestTopicFloor(t *testing.T) {
	path, left := topicModel(t)
	texts := make([]string, len(left))
	for i := range left {
		texts[i] = left[i][0]
	}
	right := 0
	for i, v := range run(t, analyzer(t, "topic", fmt.Sprintf(`{"model": %q, "reject": 0}`, path)), posts(t, texts), "label")[0] {
		if v.Str == left[i][1] {
			right++
		}
	}
	if right < 7 {
		t.Errorf("%d of %d right, want 7", right, len(left))
	}
}

func TestTopicKnowsWhatItDoesNotKnow(t *testing.T) {
	path, _ := topicModel(t)
	got := run(t, analyzer(t, "topic", fmt.Sprintf(`{"model": %q, "alternatives": 2}`, path)),
		posts(t, []string{"my refund has not come", "zzyzx qwrtp", "", "👍", "sbfgh " + string(make([]byte, 1<<16))}), "label", "none", "confidence", "alternatives")
	for i, none := range []bool{false, true, false, true, true} {
		if got[1][i].Bool != none || got[0][i].IsNull() == (i == 0) {
			t.Errorf("text %d: label %q, none %v", i, got[0][i].Text(), got[1][i].Bool)
		}
		if text := i != 2; got[2][i].IsNull() == text || text && len(got[3][i].List) != 2 {
			t.Errorf("text %d: confidence %v, alternatives %v", i, got[2][i].Text(), got[3][i].Text())
		}
	}
	if a := got[3][0].Strings(); a[0] == "refund" || a[0] == a[1] {
		t.Errorf("alternatives %v", a)
	}
}

func TestContractOfTopic(t *testing.T) {
	path, _ := topicModel(t)
	broken := filepath.Join(t.TempDir(), "broken.model")
	if err := os.WriteFile(broken, []byte("PLIN\x01 and nothing else"), 0o600); err != nil {
		t.Fatal(err)
	}
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "topic", Events: spoken(), Config: map[string]any{"model": path},
		Invalid: []any{map[string]any{"model": broken}, map[string]any{"model": filepath.Dir(path)}, map[string]any{"model": path + ".none"}}})
}

// The model names itself, for the provenance of what it says.
func TestTopicNamesItsModel(t *testing.T) {
	path, _ := topicModel(t)
	m, err := learn.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := analyzer(t, "topic", fmt.Sprintf(`{"model": %q}`, path)).(sdk.Modelled).Model(); got != m.Hash() {
		t.Errorf("model %q, want %q", got, m.Hash())
	}
}
