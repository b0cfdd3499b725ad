package flow

import (
	"container/list"
	"strings"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// Headline is what there is to say of an insight in one line. It holds no customer's words: Title is what the events were
// grouped by.
type Headline struct {
	ID          string    `json:"id"`
	Pipeline    string    `json:"pipeline"`
	Analyzer    string    `json:"analyzer"`
	Title       string    `json:"title"`
	Stage       string    `json:"stage"`
	People      int64     `json:"people"`
	Events      int64     `json:"events"`
	FirstTime   time.Time `json:"first_time,omitzero"`
	LastTime    time.Time `json:"last_time,omitzero"`
	WindowStart time.Time `json:"window_start,omitzero"`
	WindowEnd   time.Time `json:"window_end,omitzero"`
}

// maxHeadlines is how many insights are remembered, the newest.
const maxHeadlines = 1000

// Headlines remembers the newest insights, each as it was raised last. It knows those since the hub's start and is no part of
// what is durable. The zero value is ready; safe for concurrent use.
type Headlines struct {
	mu   sync.Mutex
	list list.List // of Headline, newest last
	byID map[string]*list.Element
}

// All returns the headlines, newest last.
func (h *Headlines) All() []Headline {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]Headline, 0, h.list.Len())
	for e := h.list.Front(); e != nil; e = e.Next() {
		out = append(out, e.Value.(Headline))
	}
	return out
}

// take notes the insights of a step. Of several with one id only the newest is decoded.
func (h *Headlines) take(pipeline string, s *Step) {
	if h == nil {
		return
	}
	for _, encoded := range s.Emitted {
		r, err := sdk.ParseRecords(encoded)
		if err != nil {
			continue // written a moment ago by ourselves; the sinks will say more than we can
		}
		last := make(map[string]int, r.Len())
		for i := range r.Len() {
			last[r.ID(i)] = i
		}
		for i := range r.Len() {
			if last[r.ID(i)] == i {
				h.put(pipeline, sdk.NewBatch(r, []uint32{uint32(i)}, nil, nil).Event(0))
			}
		}
	}
}

// brief returns the beginning of s, in memory of its own: a headline is a line, and a thousand of them are kept.
func brief(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(strings.Clone(s[:most]), "") + "..."
}

func (h *Headlines) put(pipeline string, e *sdk.Event) {
	in := e.Insight
	if in == nil {
		return
	}
	line := Headline{ID: e.ID, Pipeline: pipeline, Analyzer: brief(in.Analyzer), Title: brief(in.Title), Stage: brief(in.Stage), People: in.People,
		Events: in.Events, FirstTime: in.FirstTime, LastTime: in.LastTime, WindowStart: in.WindowStart, WindowEnd: in.WindowEnd}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byID == nil {
		h.byID = make(map[string]*list.Element)
	}
	key := pipeline + " " + e.ID
	if old := h.byID[key]; old != nil {
		old.Value = line
		h.list.MoveToBack(old)
		return
	}
	h.byID[key] = h.list.PushBack(line)
	if h.list.Len() > maxHeadlines {
		oldest := h.list.Remove(h.list.Front()).(Headline)
		delete(h.byID, oldest.Pipeline+" "+oldest.ID)
	}
}
