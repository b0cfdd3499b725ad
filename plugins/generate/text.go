package generate

import (
	"strconv"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

const (
	overhead  = 100 // bytes of an encoded event besides its text
	textCount = 1024
	platform  = "generate"
	idDigits  = 9 // at least
)

// words is what the invented people talk about.
func words() []string {
	return strings.Fields(`the order came late and box was broken but support helped me fast please send a new one my
		invoice shows wrong price app does not open after update love this bike refund takes weeks nobody answers phone
		delivery great thanks battery door lamp still waiting since monday why is it so hard to reach you`)
}

// makeTexts returns texts of the given length.
func makeTexts(length int) []string {
	list, all := make([]string, textCount), words()
	for i := range list {
		var b strings.Builder
		for seed := mix(uint64(i)); b.Len() < length; seed = mix(seed) {
			b.WriteString(all[seed%uint64(len(all))])
			b.WriteByte(' ')
		}
		list[i] = b.String()[:length-1] + "."
	}
	return list
}

// mix is the finaliser of splitmix64: it spreads neighbouring numbers over all values.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// batch makes the events with the numbers from first on. What they have in common they share; three allocations make all.
func (s *source) batch(first, n int) []sdk.Event {
	events, bodies, ids := make([]sdk.Event, n), make([]sdk.Feedback, n), makeIDs(first, n)
	for i := range events {
		number := first + i
		seed := mix(uint64(number))
		length := len("g-") + max(idDigits, digits(number))
		id, name := ids[:length], s.names[seed%uint64(len(s.names))]
		ids = ids[length:]
		fb, e := &bodies[i], &events[i]
		fb.Kind = "post"
		fb.Text = s.texts[(seed>>32)%textCount]
		fb.Native.Platform, fb.Native.ID = platform, id
		fb.Author.ID, fb.Author.Handle = name, name
		e.ID, e.Feedback = id, fb
		e.Time = s.start.Add(time.Duration(number) * time.Millisecond)
	}
	return events
}

// makeIDs returns n ids, one behind the other.
func makeIDs(first, n int) string {
	b := make([]byte, 0, n*(len("g-")+max(idDigits, digits(first+n))))
	for i := range n {
		b = appendPadded(append(b, "g-"...), first+i, idDigits)
	}
	return string(b)
}

// appendPadded appends number with zeros before it, width digits in all if it is no longer.
func appendPadded(b []byte, number, width int) []byte {
	for range max(0, width-digits(number)) {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(number), 10)
}

func digits(number int) int {
	n := 1
	for ; number >= 10; number /= 10 {
		n++
	}
	return n
}
