package crowd_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/plugins/text/internal/crowd"
)

func small() crowd.Options {
	return crowd.Options{Window: time.Hour, Late: time.Hour, MaxGroups: 1000, MaxBytes: 16 << 20}
}

// see adds a sighting at a minute.
func see(c *crowd.Crowd, group string, minute int, who string) (*crowd.Group, crowd.Change) {
	at := int64(minute) * int64(time.Minute)
	return c.Add([]string{group}, &crowd.Sighting{At: at, Person: crowd.Hash(who), ID: fmt.Sprint(group, minute, who), Channel: "blog"})
}

func TestWindowSlides(t *testing.T) {
	c := crowd.New(small())
	for _, s := range []struct {
		minute         int
		who            string
		people, events int
		change         crowd.Change
	}{
		{0, "ann", 1, 1, crowd.Change{Began: true, Joined: true}},
		{0, "ann", 1, 2, crowd.Change{}},
		{30, "bob", 2, 3, crowd.Change{Joined: true}},
		{60, "cid", 2, 2, crowd.Change{Joined: true}}, // ann's are an hour old: out
		{1, "ann", 3, 3, crowd.Change{Joined: true}},  // late, and just within
		{0, "dan", 3, 3, crowd.Change{Late: true}},
		{61, "dan", 3, 3, crowd.Change{Joined: true}},
		{200, "ann", 1, 1, crowd.Change{Began: true, Joined: true}},
	} {
		g, change := see(c, "x", s.minute, s.who)
		if people, events := g.Size(); people != s.people || events != s.events || change != s.change {
			t.Errorf("%s at %d: %d people, %d events, %+v; want %+v", s.who, s.minute, people, events, change, s)
		}
	}
}

func TestEvidenceIsOneEventOfEachPerson(t *testing.T) {
	c := crowd.New(small())
	var g *crowd.Group
	for i := range 150 {
		g, _ = c.Add([]string{"x"}, &crowd.Sighting{At: int64(i), Person: uint64(i % 120), ID: fmt.Sprint("e", i)})
	}
	var f crowd.Figures
	c.Figures(g, &f)
	if len(f.Evidence) != crowd.MaxEvidence || f.Evidence[0] != "e50" || f.Evidence[99] != "e149" {
		t.Errorf("%d events from %s to %s, want 100 from e50 to e149", len(f.Evidence), f.Evidence[0], f.Evidence[len(f.Evidence)-1])
	}
	if f.People != 120 || f.Events != 150 {
		t.Errorf("%d people, %d events", f.People, f.Events)
	}
}

func TestCommunitiesAndChannels(t *testing.T) {
	c := crowd.New(small())
	var g *crowd.Group
	for i := range 1500 {
		s := crowd.Sighting{At: int64(i), Person: 1, ID: "e", Channel: fmt.Sprint("channel", i%3), Communities: []string{fmt.Sprint(i)}}
		g, _ = c.Add([]string{"x"}, &s)
	}
	var f crowd.Figures
	c.Figures(g, &f)
	want := []crowd.Channel{{Name: "channel0", N: 500}, {Name: "channel1", N: 500}, {Name: "channel2", N: 500}}
	if diff := cmp.Diff(want, f.Channels); diff != "" || f.Communities != crowd.MaxCommunities {
		t.Errorf("%d communities; channels:\n%s", f.Communities, diff)
	}
	late := crowd.Sighting{At: 1200 + int64(time.Hour), Person: 1, ID: "e", Communities: []string{"new"}}
	g, _ = c.Add([]string{"x"}, &late)
	if c.Figures(g, &f); f.Communities != 1 {
		t.Errorf("%d communities, want 1: those kept were last seen too long ago", f.Communities)
	}
}

func TestBounds(t *testing.T) {
	o := small()
	o.MaxGroups, o.MaxBytes = 10, 64<<10
	c := crowd.New(o)
	for i := range 50_000 {
		see(c, fmt.Sprint("g", i%37%(1+i/5000)), i/1000, fmt.Sprint(i))
		if c.Len() > o.MaxGroups || c.Bytes() > o.MaxBytes {
			t.Fatalf("after %d sightings: %d groups, %d bytes", i, c.Len(), c.Bytes())
		}
	}
	if n := len(c.Snapshot()); int64(n) > o.MaxBytes {
		t.Errorf("the snapshot has %d bytes, more than the bound %d", n, o.MaxBytes)
	}
	one := crowd.New(o)
	for i := range 50_000 {
		see(one, "one", 1, fmt.Sprint(i)) // all at the same time: nothing leaves the window by itself
	}
	if one.Bytes() > o.MaxBytes {
		t.Errorf("one large group takes %d bytes", one.Bytes())
	}
}

func TestPartsDoNotRunTogether(t *testing.T) {
	c := crowd.New(small())
	c.Add([]string{"ab", "c"}, &crowd.Sighting{At: 1, Person: 1, ID: "e"})
	c.Add([]string{"a", "bc"}, &crowd.Sighting{At: 1, Person: 1, ID: "e"})
	if c.Len() != 2 {
		t.Errorf("%d groups, want 2", c.Len())
	}
}

// TestKeepsCopiesOfStrings: what is remembered must not hold the memory of a batch that is over.
func TestKeepsCopiesOfStrings(t *testing.T) {
	memory := []byte("refund e1 blog forum")
	view := func(from, to int) string { return unsafe.String(&memory[from], to-from) }
	c := crowd.New(small())
	c.Add([]string{view(0, 6)}, &crowd.Sighting{At: 1, Person: 1, ID: view(7, 9), Channel: view(10, 14), Communities: []string{view(15, 20)}})
	before := c.Snapshot()
	clear(memory)
	if !bytes.Equal(before, c.Snapshot()) {
		t.Error("the state changed with the caller's memory")
	}
}

func TestExtremeTimes(t *testing.T) {
	c := crowd.New(small())
	for _, at := range []int64{-1 << 63, -1<<63 + 1, 0, 1<<63 - 1} {
		g, change := c.Add([]string{"x"}, &crowd.Sighting{At: at, Person: 1, ID: "e"})
		if people, _ := g.Size(); people != 1 || change.Late {
			t.Errorf("at %d: %d people, %+v", at, people, change)
		}
	}
}

func TestHash(t *testing.T) {
	seen := map[uint64]string{}
	for i := range 100_000 {
		name := fmt.Sprint("user", i)
		if other, ok := seen[crowd.Hash(name)]; ok {
			t.Fatalf("%s and %s have the same hash", name, other)
		}
		seen[crowd.Hash(name)] = name
	}
	if got := crowd.Hash("ann"); got != 0x6ef4c3aba814f113 {
		t.Errorf("the hash of a name is %#x: it must never change, snapshots hold it", got)
	}
}

// filled returns a crowd with some of everything.
func filled() *crowd.Crowd {
	c := crowd.New(small())
	for i := range 500 {
		c.Add([]string{"tenant", fmt.Sprint("group", i%7)}, &crowd.Sighting{At: int64(i%90) * int64(time.Minute), Person: uint64(i % 23),
			ID: fmt.Sprint("e", i), Channel: fmt.Sprint("channel", i%3), Communities: []string{fmt.Sprint("c", i%11)}})
	}
	return c
}

func TestRestore(t *testing.T) {
	c := filled()
	saved := c.Snapshot()
	fresh := crowd.New(small())
	if err := fresh.Restore(saved); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, fresh.Snapshot()) || fresh.Bytes() != c.Bytes() || fresh.Len() != c.Len() {
		t.Errorf("another state: %d groups and %d bytes, want %d and %d", fresh.Len(), fresh.Bytes(), c.Len(), c.Bytes())
	}
	few := small()
	few.MaxGroups = 2
	fresh = crowd.New(few)
	if err := fresh.Restore(saved); err != nil || fresh.Len() != 2 {
		t.Errorf("%d groups, want the bound 2: %v", fresh.Len(), err)
	}
}

func TestRestoreRefusesDamage(t *testing.T) {
	saved := filled().Snapshot()
	c := filled()
	for i := range saved {
		saved[i] ^= 0x10
		if err := c.Restore(saved); err == nil {
			t.Fatalf("no error although byte %d is wrong", i)
		}
		saved[i] ^= 0x10
	}
	if err := c.Restore(nil); err == nil || c.Len() != 0 {
		t.Errorf("after %v there are %d groups, want an error and none", err, c.Len())
	}
}
