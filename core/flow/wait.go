package flow

import (
	"time"

	"github.com/hashicorp/go-hclog"
)

// sayWaitEvery is how often the log may hear that one block waits. A target that limits its rate makes it wait all the time.
const sayWaitEvery = time.Minute

// wait notes that a block waits and tries again, and why. The beginning of a wait is logged: who has only the log must hear
// that a target is down, or the disk full. Called by the one goroutine that works for the block.
func (h *Health) wait(log hclog.Logger, block string, err error) {
	if h.set(StateWaiting, err) == StateWaiting || time.Since(h.saidAt) < sayWaitEvery {
		return
	}
	h.saidAt, h.said = time.Now(), true
	log.Warn("waits and tries again; nothing is lost meanwhile", "block", block, "error", err)
}

// resume notes that a block works, and logs the end of a wait whose beginning was logged. Called by the goroutine that calls
// wait.
func (h *Health) resume(log hclog.Logger, block string) {
	if h.set(StateRunning, nil) == StateWaiting && h.said {
		h.said = false
		log.Info("goes on", "block", block)
	}
}
