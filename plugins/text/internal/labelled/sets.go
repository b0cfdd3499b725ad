package labelled

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// SemEval returns tweets with a sentiment, of the files named, such as 2013train or 2016test; of all where none are named.
func (d Dir) SemEval(names ...string) ([]Text, error) {
	if len(names) == 0 {
		files, err := filepath.Glob(filepath.Join(string(d), "semeval", "twitter-*-A.tsv"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("read labelled data: no semeval files in %s: %w", d, err)
		}
		slices.Sort(files)
		for _, f := range files {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "twitter-"), "-A.tsv"))
		}
	}
	unescape := strings.NewReplacer(`\u002c`, ",", `\u2019`, "’")
	var list []Text
	for _, name := range names {
		lines, err := d.lines("semeval", "twitter-"+name+"-A.tsv")
		if err != nil {
			return nil, err
		}
		for _, line := range lines {
			if f := strings.Split(line, "\t"); len(f) >= 3 {
				list = append(list, Text{ID: f[0], Text: unescape.Replace(f[2]), Label: f[1], Group: name})
			}
		}
	}
	return list, nil
}

// GoEmotions returns a part (train, dev, test) of the comments with their emotions in Labels. Label is the one emotion, ""
// where there are several.
func (d Dir) GoEmotions(part string) ([]Text, error) {
	names, err := d.lines("goemotions", "labels.txt")
	if err != nil {
		return nil, err
	}
	return d.emotions(part+".tsv", names)
}

// GoEmotionGroups is the same folded to ambiguous, negative, neutral and positive, in the order of its numbers.
func (d Dir) GoEmotionGroups(part string) ([]Text, error) {
	return d.emotions("group_"+part+".tsv", []string{"ambiguous", "negative", "neutral", "positive"})
}

func (d Dir) emotions(file string, names []string) ([]Text, error) {
	lines, err := d.lines("goemotions", file)
	if err != nil {
		return nil, err
	}
	list := make([]Text, 0, len(lines))
	for n, line := range lines {
		f := strings.Split(line, "\t")
		if len(f) < 3 {
			return nil, fmt.Errorf("read labelled data goemotions/%s line %d: %d fields", file, n+1, len(f))
		}
		t := Text{ID: f[2], Text: f[0]}
		for _, number := range strings.Split(f[1], ",") {
			e, err := strconv.Atoi(number)
			if err != nil || e < 0 || e >= len(names) {
				return nil, fmt.Errorf("read labelled data goemotions/%s line %d: label %q", file, n+1, number)
			}
			t.Labels = append(t.Labels, names[e])
		}
		if len(t.Labels) == 1 {
			t.Label = t.Labels[0]
		}
		list = append(list, t)
	}
	return list, nil
}

// SMS returns text messages; Label is spam or ham.
func (d Dir) SMS() ([]Text, error) {
	lines, err := d.lines("sms-spam", "sms.tsv")
	if err != nil {
		return nil, err
	}
	var list []Text
	for _, line := range lines {
		if label, text, ok := strings.Cut(line, "\t"); ok {
			list = append(list, Text{Text: text, Label: label})
		}
	}
	return list, nil
}

// YouTube returns comments under three videos (Group); Label is spam or ham.
func (d Dir) YouTube() ([]Text, error) {
	var list []Text
	for _, name := range []string{"Youtube01-Psy", "Youtube03-LMFAO", "Youtube04-Eminem"} {
		rows, err := d.rows("youtube-spam", name+".csv")
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if len(r) < 5 || r[0] == "COMMENT_ID" { // the heading stands below an empty line
				continue
			}
			list = append(list, Text{ID: r[0], Author: r[1], Text: r[3], Label: map[string]string{"1": "spam", "0": "ham"}[r[4]], Group: name})
		}
	}
	return list, nil
}

// Crisis returns tweets around 19 events (Group); Label is related or not related. Tweets that nobody could judge are left out.
func (d Dir) Crisis() ([]Text, error) {
	files, err := filepath.Glob(filepath.Join(string(d), "crisislext26", "*-tweets_labeled.csv"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("read labelled data: no crisislext26 files in %s: %w", d, err)
	}
	slices.Sort(files)
	var list []Text
	for _, f := range files {
		rows, err := d.rows("crisislext26", filepath.Base(f))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			t := Text{ID: r[0], Text: r[1], Group: strings.TrimSuffix(filepath.Base(f), "-tweets_labeled.csv")}
			switch strings.TrimSpace(r[len(r)-1]) {
			case "Related and informative", "Related - but not informative":
				t.Label = "related"
			case "Not related":
				t.Label = "not related"
			default:
				continue
			}
			list = append(list, t)
		}
	}
	return list, nil
}

// MStream returns short texts with the number of the event they are about; name is Tweets or Tweets-T.
func (d Dir) MStream(name string) ([]Text, error) {
	lines, err := d.lines("mstream", name)
	if err != nil {
		return nil, err
	}
	list := make([]Text, 0, len(lines))
	for n, line := range lines {
		var c struct {
			ID          string `json:"Id"`
			ClusterNo   int    `json:"clusterNo"`
			TextCleaned string `json:"textCleaned"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return nil, fmt.Errorf("read labelled data mstream/%s line %d: %w", name, n+1, err)
		}
		list = append(list, Text{ID: c.ID, Text: c.TextCleaned, Label: strconv.Itoa(c.ClusterNo)})
	}
	return list, nil
}
