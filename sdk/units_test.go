package sdk_test

import (
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

func TestParseDuration(t *testing.T) {
	day := 24 * time.Hour
	good := map[string]time.Duration{
		"0": 0, "0d": 0, "250ms": 250 * time.Millisecond, "1h30m": 90 * time.Minute, "14d": 14 * day, "2w": 14 * day,
		"3650d": sdk.MaxDuration, "521w": 521 * 7 * day, "87600h": sdk.MaxDuration, "1.5s": 1500 * time.Millisecond,
	}
	for in, want := range good {
		if got, err := sdk.ParseDuration(in); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "d", "w", "5", "-5s", "-1d", "1.5d", "3651d", "522w", "87601h", "14dd", "1dw", "1 d", "٣d",
		"99999999999999999999d", "999999999w", "1d12h", "NaNs", "five minutes"} {
		if got, err := sdk.ParseDuration(in); err == nil || got != 0 {
			t.Errorf("ParseDuration(%q) = %v, %v; want an error", in, got, err)
		}
	}
}

func TestParseSize(t *testing.T) {
	good := map[string]sdk.Size{
		"0": 0, "4096": 4096, "10B": 10, "64KiB": 64 << 10, "10MiB": 10 << 20, "1GiB": 1 << 30, "2TiB": 2 << 40, "1kB": 1000,
		"10KB": 10_000, "10MB": 10_000_000, "3GB": 3_000_000_000, "1TB": 1_000_000_000_000, " 1.5 KiB ": 1536, "1048576TiB": 1 << 60,
	}
	for in, want := range good {
		if got, err := sdk.ParseSize(in); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "B", "-1", "NaN", "nanB", "Inf", "infMiB", "1PiB", "1 000", "1048577TiB", "1e400", "ten"} {
		if got, err := sdk.ParseSize(in); err == nil || got != 0 {
			t.Errorf("ParseSize(%q) = %v, %v; want an error", in, got, err)
		}
	}
}
