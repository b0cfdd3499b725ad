package sdk

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a Go duration ("1h30m", "250ms") or whole days and weeks ("14d", "2w"). Negative ones and those
// beyond MaxDuration are errors.
func ParseDuration(s string) (time.Duration, error) {
	d, err := parseDays(s)
	if err != nil {
		d, err = time.ParseDuration(s)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration; write a number and a unit, as in \"500ms\", \"30s\", \"5m\", \"12h\", \"14d\" or \"2w\"", s)
	}
	if d < 0 || d > MaxDuration {
		return 0, fmt.Errorf("duration %q is out of range; it must lie between 0 and 10 years", s)
	}
	return d, nil
}

func parseDays(s string) (time.Duration, error) {
	number, unit := strings.TrimRight(s, "dw"), 24*time.Hour
	if strings.HasSuffix(s, "w") {
		unit = 7 * 24 * time.Hour
	}
	if len(number) != len(s)-1 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || n > uint64(MaxDuration/unit) {
		return 0, strconv.ErrRange
	}
	return time.Duration(n) * unit, nil
}

// ParseSize reads a number of bytes: "4096", "64KiB", "10MiB", "1GiB", or decimal "10MB".
func ParseSize(s string) (Size, error) {
	units := []struct {
		suffix string
		bytes  float64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
		{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.TrimSpace(s), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0 && n*u.bytes <= 1<<60) { // written so that it refuses NaN
			break
		}
		return Size(n * u.bytes), nil
	}
	return 0, fmt.Errorf("%q is not a size; write a number and a unit, as in \"64KiB\", \"10MiB\" or \"1GiB\"", s)
}
