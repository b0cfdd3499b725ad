package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// number writes a count with separators: 1,234,567.
func number[N int | int64 | uint64](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// counted writes a number with its noun: "1 event", "2 events".
func counted[N int | int64 | uint64](n N, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return number(n) + " " + noun
}

// size writes a number of bytes: 512 B, 4.2 MiB.
func size(n uint64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/unit, 0
	for ; f >= unit && i < 4; i++ {
		f /= unit
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGTP"[i])
}

// lasted writes a duration with no more digits than a person wants: 340ms, 1.2s, 4m10s, 3d2h. What is in the future, because
// the clock was set back, has lasted for no time.
func lasted(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d < time.Hour:
		return d.Round(time.Second).String()
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}

// roughly writes a duration in its largest unit: 40 s, 12 min, 5 h, 19 d.
func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f d", d.Hours()/24)
}

// span writes from when to when something happened, by day.
func span(from, to time.Time) string {
	const day = "2 Jan 2006"
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case from.IsZero():
		return to.UTC().Format(day)
	case to.IsZero(), from.UTC().Format(day) == to.UTC().Format(day):
		return from.UTC().Format(day)
	case from.UTC().Year() == to.UTC().Year():
		return from.UTC().Format("2 Jan") + " to " + to.UTC().Format(day)
	}
	return from.UTC().Format(day) + " to " + to.UTC().Format(day)
}

// wrapped breaks a text at blanks into lines of at most columns; a word that is longer stands alone. 0 columns means one line.
// Colours take no room.
func wrapped(text string, columns int) []string {
	if columns == 0 {
		return []string{text}
	}
	var lines []string
	line, taken := "", 0
	for _, word := range strings.Fields(text) {
		n := visible(word)
		switch {
		case line == "":
			line, taken = word, n
		case taken+1+n > max(columns, 20):
			lines = append(lines, line)
			line, taken = word, n
		default:
			line, taken = line+" "+word, taken+1+n
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// visible counts the columns of a text: what stands between ESC and m colours it and takes none.
func visible(s string) int {
	n := 0
	for s != "" {
		before, after, _ := strings.Cut(s, "\x1b")
		n += utf8.RuneCountInString(before)
		_, s, _ = strings.Cut(after, "m")
	}
	return n
}

// clipped shortens a coloured line to so many columns.
func clipped(line string, columns int) string {
	if columns <= 0 || visible(line) <= columns {
		return line
	}
	var b strings.Builder
	for n := 0; line != ""; {
		if strings.HasPrefix(line, "\x1b") {
			code, rest, _ := strings.Cut(line, "m")
			b.WriteString(code + "m")
			line = rest
			continue
		}
		r, size := utf8.DecodeRuneInString(line)
		if n++; n < columns {
			b.WriteRune(r)
		}
		line = line[size:]
	}
	return b.String() + "…"
}
