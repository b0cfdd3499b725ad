package host

// Bisect finds the events that kill a plugin among those that were in flight when it died. It only plans: the caller sends
// each range that Next names to a fresh process, reports what happened, and in the end dead-letters Poison. Ranges come in
// ascending order and cover every event, so that order is kept and nothing is left out: a range that did not crash is done.
//
//	for lo, hi, ok := b.Next(); ok; lo, hi, ok = b.Next() {
//		b.Report(crashes(events[lo:hi]))
//	}
//
// One poison event among n costs at most log2(n)+1 crashes. They are expected: do not count them in a Breaker, but look at
// Hopeless. One goroutine uses a Bisect.
type Bisect struct {
	todo   []span // a stack, the lowest range on top
	poison []int
	passed bool // some range did not crash
}

// span is a range of events. A guilty one is known to hold poison: it is split without being tried. An heir becomes guilty
// when the half before it turns out innocent.
type span struct {
	lo, hi       int
	guilty, heir bool
}

// NewBisect plans for the events 0 to n-1, which together have crashed the plugin.
func NewBisect(n int) *Bisect {
	b := &Bisect{}
	if n > 0 {
		b.todo = append(b.todo, span{lo: 0, hi: n, guilty: true})
	}
	return b
}

// Next is the range [lo, hi) to try now, and false when all is known. It stays the same until Report.
func (b *Bisect) Next() (lo, hi int, ok bool) {
	if len(b.todo) == 0 {
		return 0, 0, false
	}
	for top := b.top(); top.guilty && top.hi-top.lo > 1; top = b.top() {
		s := b.pop()
		middle := s.lo + (s.hi-s.lo)/2
		b.todo = append(b.todo, span{lo: middle, hi: s.hi, heir: true}, span{lo: s.lo, hi: middle})
	}
	return b.top().lo, b.top().hi, true
}

// Report says whether the range that Next named crashed the plugin.
func (b *Bisect) Report(crashed bool) {
	if _, _, ok := b.Next(); !ok {
		panic("bug: Bisect.Report after the last range")
	}
	s := b.pop()
	if len(b.todo) > 0 && b.top().heir {
		b.top().heir, b.top().guilty = false, !crashed
	}
	switch {
	case !crashed:
		b.passed = true
	case s.hi-s.lo == 1:
		b.poison = append(b.poison, s.lo)
	default:
		b.todo = append(b.todo, span{lo: s.lo, hi: s.hi, guilty: true})
	}
}

func (b *Bisect) top() *span { return &b.todo[len(b.todo)-1] }

func (b *Bisect) pop() span {
	s := *b.top()
	b.todo = b.todo[:len(b.todo)-1]
	return s
}

// Poison lists the events found so far that crash the plugin all alone, ascending.
func (b *Bisect) Poison() []int { return b.poison }

const hopeless = 3

// Hopeless says that the plugin is to blame and not the events: three crashed it alone and nothing has passed. The caller
// should stop the plugin then, not throw its customers' words away one by one.
func (b *Bisect) Hopeless() bool { return !b.passed && len(b.poison) >= hopeless }
