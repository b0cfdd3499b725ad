package broker

import (
	"context"
	"sync"
	"time"
)

// How a forecast is made: from samples sampleEvery apart, not older than sampleSpan, and not before there are sampleLeast.
const (
	sampleEvery = 5 * time.Second
	sampleSpan  = 10 * time.Minute
	sampleLeast = 6
)

// Forecast is how fast something fills, judged by what it did in the last minutes. Nil where it is kept means that too little
// was seen yet.
type Forecast struct {
	Rate float64 `json:"bytes_per_second"` // negative when it empties
	// Left is the seconds until nothing more is taken at this rate, 0 when it does not fill.
	Left float64 `json:"full_in_seconds"`
}

// sample is how many bytes are in use at a time.
type sample struct {
	at   time.Time
	used int64
}

// samples are kept of one stream or of the disk, oldest first.
type samples []sample

// add keeps a sample, unless the newest is younger than sampleEvery.
func (s samples) add(now time.Time, used int64) samples {
	if n := len(s); n > 0 && now.Sub(s[n-1].at) < sampleEvery {
		return s
	}
	for len(s) > 0 && now.Sub(s[0].at) > sampleSpan {
		s = s[1:]
	}
	return append(s, sample{now, used})
}

// forecast says when room more bytes will be in use.
func (s samples) forecast(room int64) *Forecast {
	if len(s) < sampleLeast {
		return nil
	}
	f := &Forecast{Rate: s.slope()}
	if f.Rate >= 1 { // less is noise
		f.Left = float64(max(room, 0)) / f.Rate
	}
	return f
}

// slope is the least-squares slope in bytes a second: a trim between two samples makes a tooth, not a trend.
func (s samples) slope() float64 {
	n := float64(len(s))
	var meanT, meanU float64
	for _, x := range s {
		meanT += x.at.Sub(s[0].at).Seconds() / n
		meanU += float64(x.used-s[0].used) / n
	}
	var both, square float64
	for _, x := range s {
		t := x.at.Sub(s[0].at).Seconds() - meanT
		both += t * (float64(x.used-s[0].used) - meanU)
		square += t * t
	}
	return both / square
}

// trend keeps the samples of the disk and of each stream.
type trend struct {
	mu      sync.Mutex
	disk    samples
	streams map[Stream]samples
}

// sample takes one sample of everything. Run calls it.
func (b *Broker) sample(ctx context.Context) error {
	disk, _ := b.disk.look()
	now := time.Now()
	used := map[Stream]int64{}
	for _, s := range Streams() {
		info, err := b.info(ctx, s)
		if err != nil {
			return err
		}
		used[s] = int64(info.State.Bytes)
	}
	b.trend.mu.Lock()
	defer b.trend.mu.Unlock()
	if disk.total != 0 {
		b.trend.disk = b.trend.disk.add(now, disk.total-disk.free)
	}
	if b.trend.streams == nil {
		b.trend.streams = map[Stream]samples{}
	}
	for s, n := range used {
		b.trend.streams[s] = b.trend.streams[s].add(now, n)
	}
	return nil
}

// forecastDisk says when the disk will be so full that appends are refused, nil when unknown or external.
func (b *Broker) forecastDisk(disk space) *Forecast {
	b.trend.mu.Lock()
	defer b.trend.mu.Unlock()
	return b.trend.disk.forecast(disk.free - b.disk.keep(disk.total))
}

// forecastStream says when a stream will be full.
func (b *Broker) forecastStream(s StreamStatus) *Forecast {
	if s.MaxBytes <= 0 {
		return nil
	}
	b.trend.mu.Lock()
	defer b.trend.mu.Unlock()
	return b.trend.streams[s.Stream].forecast(s.MaxBytes - int64(s.Bytes))
}
