package webhook

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// receipt is the body of a yes.
type receipt struct {
	// Accepted and Rejected count the events that are durable; rejected ones lie in the dead letters.
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected,omitempty"`
	// Duplicate tells that the delivery was stored before, and not again.
	Duplicate bool `json:"duplicate,omitempty"`
}

// problem is a no, as RFC 9457 writes it. Its detail quotes nothing of the body.
type problem struct {
	status int
	detail string
	after  time.Duration // when to come again, 0 says nothing
}

// refuse answers no. So that wrong secrets show, and a flood of them does not flood the log, the first refusal is logged, the
// second, the fourth, and so on.
func (r *receiver) refuse(w http.ResponseWriter, p *problem) {
	if n := r.refused.Add(1); n&(n-1) == 0 {
		slog.Warn("deliveries were refused", "path", r.config.Path, "status", p.status, "detail", p.detail, "count", n)
	}
	if p.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.after.Seconds())))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	write(w, p.status, struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{http.StatusText(p.status), p.status, p.detail})
}

func answer(w http.ResponseWriter, status int, body receipt) {
	w.Header().Set("Content-Type", "application/json")
	write(w, status, body)
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a sender that is gone does not hear it; the delivery stands
}
