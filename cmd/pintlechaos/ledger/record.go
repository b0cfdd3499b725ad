// Package ledger is the memory of a fault run: a process of its own, never harmed, that writes down what sources offered, what
// sinks were given and what was done to whom, one JSON line each. Checkers read it; nothing of the product is asked. Its one
// promise: what Note has returned for is in the history, in the order in which it came.
package ledger

// Kind says what a record is about.
type Kind string

// The kinds. Who is the source or sink by the name its block has in HCL (not its address), unless something else is said.
const (
	// Offer: a source is about to emit Items. Replay marks a source that can be read again: all it offers is owed in the end.
	Offer  Kind = "offer"
	Replay Kind = "replay"
	// Acked: a push source was told that Items are durable. From here on they are owed.
	Acked Kind = "acked"
	// Deliver: a sink was given Items; Ok: it has them and is about to answer done; Same: it knew them and answers duplicate;
	// Retry and Reject: it is about to answer so.
	Deliver Kind = "deliver"
	Ok      Kind = "ok"
	Same    Kind = "same"
	Retry   Kind = "retry"
	Reject  Kind = "reject"
	// Drop: an analyzer takes Items out by the rule Text.
	Drop Kind = "drop"
	// Dead: the hub shows a dead letter for Items; Text is its reason, Who where it failed ("sink.take.one"), and the item's Key
	// is which letter: an event that a channel has brought twice can have two.
	Dead Kind = "dead"
	// Fault and Heal: something is done to Who ("hub", "source", "sink.one", ...), Text says what; Up: Who works again.
	// Limit of a fault is how many milliseconds Up may take, 0 for any time.
	Fault Kind = "fault"
	Heal  Kind = "heal"
	Up    Kind = "up"
	// Routed: from here on what Who offers is owed to the sinks of Route.
	Routed Kind = "routed"
	// Counted: the hub's own books of pipeline Who. Total: what source Who has brought, in Number.
	Counted Kind = "books"
	Total   Kind = "total"
	// Sampled: what the process Who uses. Orphan: process Number outlived its hub, Text is its command line.
	Sampled Kind = "sample"
	Orphan  Kind = "orphan"
	// Quiet: everything has come to rest; what is owed and not there now will never come.
	Quiet Kind = "quiet"
	// Note: words for who reads the history.
	Note Kind = "note"
)

// Item is one event.
type Item struct {
	ID  string `json:"i"`
	Key string `json:"k,omitempty"`
	// N numbers the events of a source, or of one caller of it, from 1.
	N uint64 `json:"n,omitempty"`
	// Sum is a checksum of what the event says.
	Sum string `json:"s,omitempty"`
	// Mark is the subject of the event, by which routes choose.
	Mark string `json:"m,omitempty"`
	// Count is what the counting analyzer added: the place of the event among those of its key, from 1; 0 where none did.
	Count uint64 `json:"c,omitempty"`
}

// Record is one line of the history. Which fields it has depends on its kind.
type Record struct {
	// Seq counts records from 1. Time is in nanoseconds of a clock that never jumps. The ledger sets both.
	Seq  uint64 `json:"q"`
	Time int64  `json:"t"`
	Kind Kind   `json:"kind"`
	Who  string `json:"who,omitempty"`
	// Gen is the generation of the plugin instance, counted for each Who from 1 by Client.Generation.
	Gen    uint64  `json:"gen,omitempty"`
	Items  []Item  `json:"items,omitempty"`
	Text   string  `json:"text,omitempty"`
	Limit  int64   `json:"limit,omitempty"`
	Number uint64  `json:"number,omitempty"`
	Route  *Route  `json:"route,omitempty"`
	Books  *Books  `json:"books,omitempty"`
	Usage  *Sample `json:"usage,omitempty"`
}

// Route says what is owed to a sink.
type Route struct {
	Sinks []string `json:"sinks"`
	// Mark restricts the route to events with that subject; empty means all.
	Mark string `json:"mark,omitempty"`
	// Window is the most events that one fault may bring to one of the sinks again.
	Window int `json:"window,omitempty"`
	// Counted says that each event must carry its place among those of its key.
	Counted bool `json:"counted,omitempty"`
	// Maybe says that the sinks may get the events and need not: they come and go.
	Maybe bool `json:"maybe,omitempty"`
}

// Books are what the hub says of one pipeline.
type Books struct {
	Sources   []string          `json:"sources,omitempty"`
	Accepted  uint64            `json:"accepted"`
	Delivered uint64            `json:"delivered"`
	Dead      uint64            `json:"dead"`
	Dropped   uint64            `json:"dropped"`
	InFlight  uint64            `json:"in_flight"`
	Insights  uint64            `json:"insights"`
	Rules     map[string]uint64 `json:"rules,omitempty"`
}

// Sample is what a process uses at one moment.
type Sample struct {
	Resident int64 `json:"rss"` // bytes
	Files    int   `json:"files"`
	Threads  int   `json:"threads"`
	Children int   `json:"children"`
	// Goroutines of a hub; 0 when it did not tell.
	Goroutines int `json:"goroutines,omitempty"`
}

// First is the text of a Routed record that begins the routes of its source anew.
const First = "first"
