package fieldmap

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// TimeFormatDoc describes the time_format attribute of the sources that map fields.
const TimeFormatDoc = "How the entry writes its time: \"unix\" (seconds), \"unix_ms\", or the way Go would write " +
	"2 January 2006 15:04:05 -0700, such as \"02.01.2006 15:04\". Without it RFC 3339, \"2006-01-02 15:04:05\" with or " +
	"without a zone, a date alone, and Unix seconds or milliseconds since 1973 are understood. A time without a zone is UTC."

// times reads times in one form, or in every common one when format is empty.
type times struct{ format string }

const (
	unixSeconds = "unix"
	unixMillis  = "unix_ms"
)

// newTimes refuses a format in which two different times look the same: it was written in another notation than Go's.
func newTimes(format string) (times, error) {
	if format != "" && format != unixSeconds && format != unixMillis {
		a := time.Date(2001, 3, 4, 5, 16, 17, 0, time.UTC)
		b := time.Date(2012, 11, 23, 20, 38, 49, 0, time.UTC)
		if a.Format(format) == b.Format(format) {
			return times{}, fmt.Errorf("time_format %q names no part of a time; write it as Go would write 2 January 2006 "+
				"15:04:05 -0700, such as \"02.01.2006 15:04\", or \"unix\" or \"unix_ms\"", format)
		}
	}
	return times{format}, nil
}

var (
	errTimeForm  = errors.New("its time is not written in the expected form; see time_format")
	errTimeRange = errors.New("its time is out of range; the years 1678 to 2261 are possible")
)

func (t times) parse(s string) (time.Time, error) {
	at, err := t.read(s)
	if err != nil {
		return time.Time{}, err
	}
	if y := at.UTC().Year(); y < 1678 || y > 2261 {
		return time.Time{}, errTimeRange // the log keeps nanoseconds since 1970
	}
	return at, nil
}

func (t times) read(s string) (time.Time, error) {
	switch t.format {
	case "":
		return anyTime(s)
	case unixSeconds:
		return fromUnix(s, time.Second)
	case unixMillis:
		return fromUnix(s, time.Millisecond)
	}
	at, err := time.Parse(t.format, s)
	if err != nil {
		return at, errTimeForm // the parser's own words quote the entry
	}
	return at, nil
}

// anyTime tries the common forms. A number is taken for Unix seconds or milliseconds when it would lie between 1973 and 5138:
// others may be a year, or a date without dashes.
func anyTime(s string) (time.Time, error) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		switch {
		case n >= 1e8 && n < 1e11:
			return fromUnix(s, time.Second)
		case n >= 1e11 && n < 1e14:
			return fromUnix(s, time.Millisecond)
		}
		return time.Time{}, errTimeForm
	}
	forms := [...]string{
		time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
		"2006-01-02T15:04:05", time.DateOnly,
	}
	for _, form := range forms {
		if at, err := time.Parse(form, s); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errTimeForm
}

// fromUnix reads a count of units since 1970. Whole numbers keep every digit.
func fromUnix(s string, unit time.Duration) (time.Time, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		per := int64(time.Second / unit)
		return time.Unix(n/per, n%per*int64(unit)).UTC(), nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) {
		return time.Time{}, errTimeForm
	}
	seconds, part := math.Modf(n * unit.Seconds())
	if math.Abs(seconds) > 1e11 {
		return time.Time{}, errTimeRange
	}
	return time.Unix(int64(seconds), int64(part*1e9)).UTC(), nil
}
