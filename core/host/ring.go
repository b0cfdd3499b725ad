package host

import "strings"

const (
	ringBytes = 64 << 10
	ringLine  = 4 << 10 // of one line: a huge one must not push out all the others
)

// ring keeps the last lines a plugin printed, 64 KiB at most.
type ring struct {
	buf  []byte // grows to ringBytes, then wraps
	next int    // where the next byte goes once it wraps
}

func (r *ring) add(line []byte) {
	r.write(line[:min(len(line), ringLine)])
	r.write([]byte{'\n'})
}

func (r *ring) write(p []byte) {
	if room := ringBytes - len(r.buf); room > 0 {
		n := min(room, len(p))
		r.buf = append(r.buf, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		n := copy(r.buf[r.next:], p)
		r.next = (r.next + n) % ringBytes
		p = p[n:]
	}
}

// String is what is kept, from the first whole line on, safe to print.
func (r *ring) String() string {
	text := string(r.buf[r.next:]) + string(r.buf[:r.next])
	if len(r.buf) == ringBytes {
		_, text, _ = strings.Cut(text, "\n")
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable([]byte(line), ringLine)
	}
	return strings.Join(lines, "\n")
}
