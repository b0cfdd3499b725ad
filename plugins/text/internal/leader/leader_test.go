package leader_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/leader"
)

func small() leader.Options {
	return leader.Options{Threshold: 0.1, Window: 100, MaxClusters: 50, MaxBytes: 1 << 20}
}

// stream adds texts to clusters and remembers what each was told.
type stream struct {
	*leader.Clusters
	reader leader.Reader
	n      int
	told   []string
}

func newStream(o leader.Options) *stream { return &stream{Clusters: leader.New(o)} }

// say adds a text and returns the id, the size and the label of its cluster.
func (s *stream) say(at int64, text string) (string, int, string) {
	return s.sayIn("", at, text)
}

func (s *stream) sayIn(tenant string, at int64, text string) (string, int, string) {
	s.n++
	k, similarity := s.Add(&leader.Post{ID: fmt.Sprint("e", s.n), At: at, Text: leader.Hash(text), Features: s.reader.Read(tenant, text, true)})
	if k == nil {
		s.told = append(s.told, "none")
		return "", 0, ""
	}
	s.told = append(s.told, fmt.Sprint(k.First, k.Size, similarity, k.Label()))
	return k.First, k.Size, k.Label()
}

func TestTextsAboutTheSameJoinTheFirst(t *testing.T) {
	s := newStream(small())
	for _, c := range []struct {
		name, text, id string
		size           int
		label          string
	}{
		{"a new thing", "the lift in the north tower is stuck", "e1", 1, ""},
		{"another thing", "my invoice shows a wrong address", "e2", 1, ""},
		{"the first thing in other words", "north tower lifts stuck again", "e1", 2, ""},
		{"the same text once more", "north tower lifts stuck again", "e1", 2, "north tower lift"},
		{"no words", "!!! 12 @someone", "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, size, label := s.say(1, c.text)
			if id != c.id || size != c.size || len(strings.Fields(label)) != len(strings.Fields(c.label)) {
				t.Errorf("cluster %q of %d, label %q; want %q of %d, label like %q", id, size, label, c.id, c.size, c.label)
			}
		})
	}
}

func TestTenantsShareNothing(t *testing.T) {
	s := newStream(small())
	a, _, _ := s.sayIn("a", 1, "the lift is stuck")
	if b, _, _ := s.sayIn("b", 1, "the lift is stuck"); a == b {
		t.Errorf("both tenants are in cluster %s", a)
	}
}

func TestClustersEndWithTheirWindow(t *testing.T) {
	s := newStream(small())
	s.say(0, "the lift is stuck")
	if id, _, _ := s.say(99, "the lift is stuck"); id != "e1" {
		t.Errorf("within the window the text is in cluster %s, want e1", id)
	}
	if id, _, _ := s.say(199, "the lift is stuck"); id != "e3" {
		t.Errorf("after the window the text is in cluster %s, want e3", id)
	}
	if s.Len() != 1 {
		t.Errorf("%d clusters are remembered, want 1", s.Len())
	}
}

func TestClustersThatGrowTogetherKeepTheOlderID(t *testing.T) {
	o := small()
	o.Threshold = 0.6
	s := newStream(o)
	s.say(1, "lift stuck")
	s.say(1, "tower alarm")
	if s.Len() != 2 {
		t.Fatalf("%d clusters, want 2 to begin with", s.Len())
	}
	for n := range 40 {
		s.say(1, []string{"lift stuck tower", "tower alarm lift", "lift stuck tower alarm"}[n%3])
	}
	id, size, _ := s.say(1, "tower alarm")
	if s.Len() != 1 || id != "e1" || size != 5 {
		t.Errorf("%d clusters, the last in %s of %d; want one, e1 of 5", s.Len(), id, size)
	}
}

func TestBoundsAreKept(t *testing.T) {
	words := strings.Fields(strings.Repeat("amber birch cedar delta ember frost ", 1))
	for name, o := range map[string]leader.Options{
		"clusters": {Threshold: 0.9, Window: time.Hour, MaxClusters: 7, MaxBytes: 1 << 30},
		"memory":   {Threshold: 0.9, Window: time.Hour, MaxClusters: 1 << 20, MaxBytes: 20_000},
		"tiny":     {Threshold: 0.9, Window: time.Hour, MaxClusters: 1, MaxBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStream(o)
			for n := range 500 {
				s.say(int64(n), fmt.Sprintf("%s word%c%c%c", words[n%len(words)], 'a'+n%26, 'a'+n/26%26, 'a'+n%7))
				if s.Len() > o.MaxClusters || s.Bytes() > o.MaxBytes || len(s.Snapshot()) > int(o.MaxBytes)+64 {
					t.Fatalf("after %d texts there are %d clusters, %d bytes, a snapshot of %d", n+1, s.Len(), s.Bytes(), len(s.Snapshot()))
				}
			}
		})
	}
}

// chatter is texts of a few words each, out of few enough words that clusters join, merge and end.
func chatter(seed uint64, n int) (at []int64, texts []string) {
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("lift stuck tower alarm invoice wrong address parking gate closed heating cold noise roof leak window broken door key lost")
	for i := range n {
		var list []string
		for range 1 + r.IntN(5) {
			list = append(list, words[r.IntN(len(words))])
		}
		at = append(at, int64(i)+r.Int64N(60)-30)
		texts = append(texts, strings.Join(list, " "))
	}
	return at, texts
}

func TestRestoredStateGoesOnTheSame(t *testing.T) {
	for seed := range uint64(20) {
		o := small()
		o.Threshold, o.MaxClusters, o.MaxBytes = 0.2+float64(seed%4)/10, 5+int(seed), 8_000+int64(seed)*2_000
		at, texts := chatter(seed, 400)
		whole, cut := newStream(o), newStream(o)
		for i := range texts {
			whole.say(at[i], texts[i])
			if i%int(7+seed) == 0 {
				saved := cut.Snapshot()
				cut.Clusters, cut.reader = leader.New(o), leader.Reader{}
				if err := cut.Restore(saved); err != nil {
					t.Fatalf("seed %d, text %d: %v", seed, i, err)
				}
				if cut.Bytes() < 0 || !bytes.Equal(cut.Snapshot(), saved) {
					t.Fatalf("seed %d, text %d: the restored state saves differently", seed, i)
				}
			}
			cut.say(at[i], texts[i])
			if whole.told[i] != cut.told[i] || whole.Bytes() != cut.Bytes() {
				t.Fatalf("seed %d, text %d: told %q (%d bytes) with restarts, %q (%d bytes) without", seed, i, cut.told[i], cut.Bytes(), whole.told[i], whole.Bytes())
			}
		}
		if !bytes.Equal(whole.Snapshot(), cut.Snapshot()) {
			t.Errorf("seed %d: the states differ in the end", seed)
		}
	}
}

func TestDamagedSnapshotsAreRefused(t *testing.T) {
	s := newStream(small())
	s.say(1, "the lift is stuck")
	saved := s.Snapshot()
	for i := range saved {
		b := bytes.Clone(saved)
		b[i] ^= 4
		if err := s.Restore(b); err == nil || s.Len() != 0 {
			t.Fatalf("byte %d was changed: error %v, %d clusters left", i, err, s.Len())
		}
		if err := s.Restore(saved[:i]); err == nil {
			t.Fatalf("a snapshot cut to %d bytes was accepted", i)
		}
	}
}
