package mutant

// Variables of the hub's environment that turn a switch on. KillAt is "POINT:N": kill yourself the Nth time you pass POINT.
// Mutant names the promise to break, and Sleep how long a mutant that sleeps does so.
const (
	EnvKillAt = "PINTLE_CHAOS_KILL"
	EnvMutant = "PINTLE_CHAOS_MUTANT"
	EnvSleep  = "PINTLE_CHAOS_SLEEP"
)

// hook is the source of the package that the switches call.
const hook = `// Package chaoshook exists in builds for fault tests only.
package chaoshook

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	mutant = os.Getenv("` + EnvMutant + `")
	killAt = os.Getenv("` + EnvKillAt + `")
	passed atomic.Int64
	count  atomic.Uint64
	mu     sync.Mutex
	leaked [][]byte
)

// At ends the process as kill -9 does when point is the one to die at and this is the time.
func At(point string) {
	name, nth, ok := strings.Cut(killAt, ":")
	if !ok || name != point {
		return
	}
	if n, _ := strconv.ParseInt(nth, 10, 64); passed.Add(1) != n {
		return
	}
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	select {}
}

// Is tells whether the mutant is on; Every is true every nth time that it is asked then.
func Is(name string) bool { return name == mutant }

func Every(name string, n uint64) bool { return Is(name) && count.Add(1)%n == 0 }

// Text returns s, and nothing when the mutant is on.
func Text(name, s string) string {
	if Is(name) {
		return ""
	}
	return s
}

// Sleep sleeps when the mutant is on.
func Sleep(name string) {
	if Is(name) {
		d, _ := time.ParseDuration(os.Getenv("` + EnvSleep + `"))
		time.Sleep(d)
	}
}

// Leak keeps four megabytes for ever when the mutant is on.
func Leak(name string) {
	if !Is(name) {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	b := make([]byte, 4<<20)
	for i := range b {
		b[i] = byte(i)
	}
	leaked = append(leaked, b)
}
`
