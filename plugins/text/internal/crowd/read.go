package crowd

import "slices"

// Figures is what is known of a group at the newest of its sightings.
type Figures struct {
	// People is the number of different persons in the window, Events of sightings, Communities of different communities (at
	// most MaxCommunities).
	People, Events, Communities int
	// First and Last are the times of the oldest and the newest sighting in the window. From is where the window begins (not
	// part of it); it ends at Last.
	First, Last, From int64
	// Channels counts sightings by source, sorted by name.
	Channels []Channel
	// Evidence is the newest event of each person, at most the MaxEvidence that were seen last, oldest first.
	Evidence []string
}

// Channel is the number of sightings from a source.
type Channel struct {
	Name string
	N    int
}

// Figures fills f with the figures of g, and reuses f's memory.
func (c *Crowd) Figures(g *Group, f *Figures) {
	*f = Figures{People: len(g.people), Events: len(g.seen), Channels: f.Channels[:0], Evidence: f.Evidence[:0]}
	if len(g.seen) == 0 {
		return
	}
	f.First, f.Last = g.seen[0].at, g.newest()
	f.From = before(f.Last, c.window)
	for _, at := range g.communities {
		if at > f.From {
			f.Communities++
		}
	}
	for _, n := range g.channels {
		f.Channels = append(f.Channels, Channel{c.channels[n.channel], int(n.n)})
	}
	slices.SortFunc(f.Channels, func(a, b Channel) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, p := range g.proofs {
		f.Evidence = append(f.Evidence, p.id)
	}
}

// Size returns the numbers that decide a stage: different persons and sightings in the window.
func (g *Group) Size() (people, events int) { return len(g.people), len(g.seen) }
