package broker_test

import (
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
)

func TestStatusShowsEachStream(t *testing.T) {
	b := open(t, broker.Config{MaxBytes: map[broker.Stream]int64{broker.Dead: 1 << 20}})
	for range 4 {
		add(t, b, broker.Events, "ev.0.a", "x")
	}
	trim(t, b, 2)
	st, err := b.Status(t.Context())
	if err != nil || st.Problem != "" || !st.Connected || st.External || st.DiskFree == 0 || len(st.Warnings) != 0 {
		t.Errorf("status: %+v, %v", st, err)
	}
	total := int64(0)
	for i, s := range broker.Streams() {
		if st.Streams[i].Stream != s || st.Streams[i].MaxBytes <= 0 {
			t.Errorf("stream %s: %+v", s, st.Streams[i])
		}
		total += st.Streams[i].MaxBytes
	}
	if total > st.DiskFree || total > 65<<30 {
		t.Errorf("the streams may take %d of %d free bytes", total, st.DiskFree)
	}
	ev, dead := st.Streams[0], st.Streams[2]
	if ev.First != 2 || ev.Last != 4 || ev.Messages != 3 || ev.Bytes == 0 || dead.MaxBytes != 1<<20 {
		t.Errorf("events %+v, dead letters %+v", ev, dead)
	}
	for position, want := range map[uint64]uint64{0: 3, 1: 3, 2: 2, 4: 0, 9: 0} {
		if got := ev.Pending(position); got != want {
			t.Errorf("pending behind %d: %d, want %d", position, got, want)
		}
	}
	if got := dead.Pending(0); got != 0 {
		t.Errorf("pending of an empty stream: %d", got)
	}
}
