package mutant

// Point is a place at which a hub can be made to kill itself. Often tells how many times it is passed in a second or so of
// traffic, roughly: the time to die is drawn below that.
type Point struct {
	Name  string
	Often int
	// Stop and Reload say what has to be done to the hub for it to come by.
	Stop, Reload bool
}

// Points are all of them.
func Points() []Point {
	return []Point{
		{Name: "before publish EV", Often: 60}, {Name: "after publish EV", Often: 60},
		{Name: "before publish IN", Often: 60}, {Name: "after publish IN", Often: 60},
		{Name: "before publish CK", Often: 30}, {Name: "after publish CK", Often: 30},
		{Name: "before publish DLQ", Often: 4}, {Name: "after publish DLQ", Often: 4},
		{Name: "before ack", Often: 60}, {Name: "mid answer", Often: 300}, {Name: "before sink", Often: 60},
		{Name: "before publish SN", Often: 1, Stop: true}, {Name: "after publish SN", Often: 1, Stop: true},
		{Name: "mid reload", Often: 1, Reload: true}, {Name: "mid exchange", Often: 1, Reload: true},
		{Name: "after reload", Often: 1, Reload: true},
	}
}

// Schedule says what is done to a mutant, and to the hub without one, which must stand it.
type Schedule string

// The schedules: many events and nothing else; kills of the hub; a hub that comes back to life beside its successor.
const (
	Flood  Schedule = "flood"
	Kills  Schedule = "kills"
	Zombie Schedule = "zombie"
)

// Mutant is a way to break a promise.
type Mutant struct {
	Name, Doc string
	Schedule  Schedule
	// Red is the checker that must see it. May are those that may turn red with it, because the same fault breaks what they
	// look at too; no other may.
	Red string
	May []string
	// Quick ones are part of the short run.
	Quick bool
}

// Mutants are all of them.
func Mutants() []Mutant {
	return []Mutant{
		{Name: "ack-early", Doc: "acknowledges before the log has it", Schedule: Kills, Red: "lost", May: []string{"books"}, Quick: true},
		{Name: "drop", Doc: "drops one event in 10,000 on the way to a sink", Schedule: Flood, Red: "lost", Quick: true},
		{Name: "swap", Doc: "swaps two batches with events of the same keys", Schedule: Flood, Red: "order", Quick: true},
		{Name: "twice", Doc: "gives a sink a batch twice", Schedule: Flood, Red: "duplicate", Quick: true},
		{Name: "skip-fence", Doc: "does not look who else writes", Schedule: Zombie, Red: "fence",
			May: []string{"duplicate", "order", "count", "books", "unexpected"}, Quick: true},
		{Name: "no-reason", Doc: "writes dead letters without a reason", Schedule: Flood, Red: "reason"},
		{Name: "route-all", Doc: "forgets the conditions of routes", Schedule: Flood, Red: "unexpected"},
		{Name: "miscount", Doc: "counts a step's deliveries one too high now and then", Schedule: Flood, Red: "books"},
		{Name: "forget", Doc: "does not bring analyzers up to date after a crash", Schedule: Kills, Red: "count"},
		{Name: "leak", Doc: "keeps some megabytes for each batch", Schedule: Flood, Red: "leak"},
		{Name: "slow", Doc: "takes its time to start", Schedule: Kills, Red: "recovery"},
	}
}

// edits are the switches: each says where, and what stands there in the switched build.
func edits() []edit {
	return append(pointEdits(), mutantEdits()...)
}

func pointEdits() []edit {
	return []edit{
		{"core/broker/append.go", "\tack, err := b.js.PublishMsg(",
			"\tchaoshook.At(\"before publish \" + string(m.Stream))\n\tack, err := b.js.PublishMsg("},
		{"core/broker/append.go", "\t\tb.acked[m.Stream].raise(",
			"\t\tchaoshook.At(\"after publish \" + string(m.Stream))\n\t\tb.acked[m.Stream].raise("},
		{"core/flow/source.go", "\t\tif err := o.session.Ack(id, nil); err != nil { // promise 1",
			"\t\tchaoshook.At(\"before ack\")\n\t\tif err := o.session.Ack(id, nil); err != nil { // promise 1"},
		{"core/flow/sink_answer.go", "\tfor i, r := range answer.Results {\n",
			"\tfor i, r := range answer.Results {\n\t\tchaoshook.At(\"mid answer\")\n"},
		{"core/hub/reload.go", "\th.exchange(context.WithoutCancel(ctx), plan, s)\n",
			"\tchaoshook.At(\"mid reload\")\n\th.exchange(context.WithoutCancel(ctx), plan, s)\n\tchaoshook.At(\"after reload\")\n"},
		{"core/hub/reload.go", "\tpipelines := make(map[string]*pipelineUnit)\n\tfor name, u := range s.pipelines {\n",
			"\tchaoshook.At(\"mid exchange\")\n\tpipelines := make(map[string]*pipelineUnit)\n\tfor name, u := range s.pipelines {\n"},
	}
}

func mutantEdits() []edit {
	return []edit{
		{"core/flow/source.go", "\t\tif err := s.store(hard, r); err != nil {\n",
			"\t\tif chaoshook.Is(\"ack-early\") {\n\t\t\t_ = o.session.Ack(id, nil)\n\t\t\tchaoshook.Sleep(\"ack-early\")\n\t\t}\n" +
				"\t\tchaoshook.Leak(\"leak\")\n\t\tif err := s.store(hard, r); err != nil {\n"},
		{"core/flow/sink_pump.go", "\tj.events = p.unsettled(j)\n\treturn j, nil\n",
			"\tj.events = slices.DeleteFunc(p.unsettled(j), func(uint32) bool { return chaoshook.Every(\"drop\", 10_000) })\n\treturn j, nil\n"},
		{"core/flow/sink_pump.go", "\t\tj := p.queue[0]\n",
			"\t\tif len(p.queue) > 1 && chaoshook.Every(\"swap\", 10) {\n\t\t\tp.queue[0], p.queue[1] = p.queue[1], p.queue[0]\n\t\t}\n\t\tj := p.queue[0]\n"},
		{"core/flow/sink_pump.go", "\tw.Attributes = [][][]byte{columns(p.Attrs, j.records, w.Events, j.added)}\n",
			"\tw.Attributes = [][][]byte{columns(p.Attrs, j.records, w.Events, j.added)}\n\tchaoshook.At(\"before sink\")\n" +
				"\tif chaoshook.Every(\"twice\", 20) {\n\t\tif _, err := p.out.session.Submit(w); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n"},
		{"core/broker/append.go", "\tif m.Fence != nil {\n\t\topts = append(",
			"\tif m.Fence != nil && !chaoshook.Is(\"skip-fence\") {\n\t\topts = append("},
		{"core/flow/sink_answer.go", "Reason: r.Message,", "Reason: chaoshook.Text(\"no-reason\", r.Message),"},
		{"core/hub/units.go", "\t\tif r.When != nil {\n", "\t\tif r.When != nil && !chaoshook.Is(\"route-all\") {\n"},
		{"core/flow/books_enter.go", "\t\tc.Delivered += uint64(s.Routed) - events.dead - events.missed\n",
			"\t\tc.Delivered += uint64(s.Routed) - events.dead - events.missed\n\t\tif chaoshook.Every(\"miscount\", 5) {\n\t\t\tc.Delivered++\n\t\t}\n"},
		{"core/flow/state.go", "\tif from >= newest {\n", "\tif from >= newest || chaoshook.Is(\"forget\") {\n"},
		{"core/flow/state.go", "\tif e.Seq == mine.Seq || ", "\tif chaoshook.Is(\"skip-fence\") || e.Seq == mine.Seq || "},
		{"core/hub/hub.go", "\tb, err := OpenLog(ctx, o.Plan.Settings, o.Logger)\n",
			"\tchaoshook.Sleep(\"slow\")\n\tb, err := OpenLog(ctx, o.Plan.Settings, o.Logger)\n"},
	}
}
